//! Tags of dynamic trace probes. There are no probes: tags are absent, and terms pass unchanged, as
//! on an emulator built without them.

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::{am, bifs};

bifs! {
    erlang:dt_get_tag/0               Normal => undefined;
    erlang:dt_get_tag_data/0          Normal => undefined;
    erlang:dt_put_tag/1               Normal => undefined;
    erlang:dt_spread_tag/1            Normal => accepted;
    erlang:dt_restore_tag/1           Normal => accepted;
    erlang:dt_append_vm_tag_data/1    Normal => unchanged;
    erlang:dt_prepend_vm_tag_data/1   Normal => unchanged;
}

fn undefined(_cx: &mut Cx<'_>) -> Outcome {
    Ok(am::undefined)
}

fn accepted(_cx: &mut Cx<'_>) -> Outcome {
    Ok(am::true_)
}

fn unchanged(cx: &mut Cx<'_>) -> Outcome {
    Ok(cx.arg(0))
}
