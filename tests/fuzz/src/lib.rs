//! What the targets do with an input, and what they share. `tests/fuzz/regressions.rs` takes this file in
//! as well, and does the same with the inputs that once found something.

pub mod bits;
pub mod external;
pub mod load;
pub mod names;
pub mod native;
pub mod packet;
pub mod pattern;

use std::sync::Once;

/// What terms rely on before the first of them is made.
pub fn start() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // the name of a node that was not started
        let _ = glulam_vm::Atom::intern("nonode@nohost");
        glulam_vm::heap::external::set_code_hooks(glulam_vm::code::external_hooks());
    });
}
