//! The built-in tracer behind `erl_tracer`. Tracing is not built yet: nothing can be switched on
//! that would call it.

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::{am, bifs};

bifs! {
    erl_tracer:enabled/3   Normal nif => notsup;
    erl_tracer:trace/5     Normal nif => notsup;
}

fn notsup(cx: &mut Cx<'_>) -> Outcome {
    cx.error(am::notsup)
}
