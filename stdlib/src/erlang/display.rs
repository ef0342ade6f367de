//! Showing terms on standard output and strings on standard error, for those who debug the lowest levels.

use std::io::Write;

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::term::print;
use glulam_vm::{Term, am, bifs};

bifs! {
    erlang:display/1         Normal => display;
    erlang:display_string/1  Normal => display_string;
    erlang:display_nl/0      Normal => display_nl;
}

/// Lines end as on a terminal in raw mode.
fn show(text: &[u8]) {
    let mut out = std::io::stdout().lock();
    // Nobody is left to tell that standard output is gone.
    let _ = out.write_all(text).and_then(|()| out.flush());
}

fn display(cx: &mut Cx<'_>) -> Outcome {
    show(format!("{}\r\n", print::to_string(cx.arg(0))).as_bytes());
    Ok(am::true_)
}

/// Strings go to standard error.
fn complain(text: &[u8]) {
    let _ = std::io::stderr().lock().write_all(text);
}

fn display_string(cx: &mut Cx<'_>) -> Outcome {
    let list = cx.arg(0).proper_list();
    let character = |t: Term| t.as_small().and_then(|c| u32::try_from(c).ok()).and_then(char::from_u32);
    match list.and_then(|list| list.into_iter().map(character).collect::<Option<String>>()) {
        Some(text) => {
            complain(text.replace('\n', "\r\n").as_bytes());
            Ok(am::true_)
        }
        None => cx.badarg(),
    }
}

fn display_nl(_: &mut Cx<'_>) -> Outcome {
    complain(b"\r\n");
    Ok(am::true_)
}
