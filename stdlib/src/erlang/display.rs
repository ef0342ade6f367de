//! Showing terms on standard output, for those who debug the lowest levels.

use std::io::Write;

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::term::print;
use glulam_vm::{am, bifs};

bifs! {
    erlang:display/1         Normal => display;
    erlang:display_string/1  Normal => display_string;
    erlang:display_nl/0      Normal => display_nl;
}

fn show(text: &[u8]) {
    let mut out = std::io::stdout().lock();
    // Nobody is left to tell that standard output is gone.
    let _ = out.write_all(text).and_then(|()| out.flush());
}

fn display(cx: &mut Cx<'_>) -> Outcome {
    show(format!("{}\n", print::to_string(cx.arg(0))).as_bytes());
    Ok(am::true_)
}

fn display_string(cx: &mut Cx<'_>) -> Outcome {
    match super::number::bytes_of(cx.arg(0)) {
        Some(text) => {
            show(&text);
            Ok(am::true_)
        }
        None => cx.badarg(),
    }
}

fn display_nl(_: &mut Cx<'_>) -> Outcome {
    show(b"\n");
    Ok(am::true_)
}
