//! `ets`: tables, objects, walks, selections. Storage is in `glulam_vm::table::ets`.

mod object;
mod select;
mod short;
mod table;
mod walk;

use std::sync::Arc;

use glulam_vm::bif::{Cx, Stop};
use glulam_vm::heap::{Build, Magic};
use glulam_vm::table::ets::{self, Table};
use glulam_vm::{Term, am};

glulam_vm::bifs! {
    ets:new/2                      Normal => table::new;
    ets:delete/1                   Normal => table::delete;
    ets:rename/2                   Normal => table::rename;
    ets:whereis/1                  Normal => table::whereis;
    ets:info/1                     Normal => table::info_all;
    ets:info/2                     Normal => table::info;
    ets:setopts/2                  Normal => table::setopts;
    ets:give_away/3                Normal => table::give_away;
    ets:safe_fixtable/2            Normal => table::safe_fixtable;
    ets:all/0                      Normal => table::all;
    ets:internal_request_all/0     Normal => table::internal_request_all;
    ets:internal_delete_all/2      Normal => table::internal_delete_all;

    ets:insert/2                   Normal => object::insert, short short::insert;
    ets:insert_new/2               Normal => object::insert_new, short short::insert_new;
    ets:lookup/2                   Normal => object::lookup, short short::lookup;
    ets:lookup_element/3           Normal => object::lookup_element, short short::lookup_element;
    ets:member/2                   Normal => object::member, short short::member;
    ets:take/2                     Normal => object::take;
    ets:delete/2                   Normal => object::delete;
    ets:delete_object/2            Normal => object::delete_object;
    ets:update_element/3           Normal => object::update_element, short short::update_element;
    ets:update_counter/3           Normal => object::update_counter, short short::update_counter;
    ets:update_counter/4           Normal => object::update_counter_default;

    ets:first/1                    Normal => walk::first, short short::first;
    ets:last/1                     Normal => walk::last, short short::last;
    ets:next/2                     Normal => walk::next, short short::next;
    ets:prev/2                     Normal => walk::prev, short short::prev;
    ets:slot/2                     Normal => walk::slot;

    ets:match/1                    Normal => select::again;
    ets:match/2                    Normal => select::match_all;
    ets:match/3                    Normal => select::match_some;
    ets:match_object/1             Normal => select::again;
    ets:match_object/2             Normal => select::match_object_all;
    ets:match_object/3             Normal => select::match_object_some;
    ets:select/1                   Normal => select::again;
    ets:select/2                   Normal => select::select_all;
    ets:select/3                   Normal => select::select_some;
    ets:select_reverse/1           Normal => select::again;
    ets:select_reverse/2           Normal => select::reverse_all;
    ets:select_reverse/3           Normal => select::reverse_some;
    ets:select_count/2             Normal => select::count;
    ets:select_replace/2           Normal => select::replace;
    ets:internal_select_delete/2   Normal => select::delete;
    ets:match_spec_compile/1       Normal => select::compile;
    ets:match_spec_run_r/3         Normal => select::run_reversed;
    ets:is_compiled_ms/1           Normal => select::is_compiled;
}

/// The table that a term names, whoever may use it.
fn find(term: Term) -> Option<Arc<Table>> {
    match term.as_atom() {
        Some(name) => ets::of_name(name),
        None => ets::of_reference(term),
    }
}

/// The table of an argument, which the caller may read (or write).
fn table(cx: &mut Cx<'_>, term: Term, write: bool) -> Result<Arc<Table>, Stop> {
    with(cx, term, write, |_, table| Ok(table.clone()))
}

/// Does something with the table of an argument, which the caller may read (or write). A table that the
/// argument itself holds is not counted once more for that.
#[inline]
fn with<R>(
    cx: &mut Cx<'_>,
    term: Term,
    write: bool,
    f: impl FnOnce(&mut Cx<'_>, &Arc<Table>) -> Result<R, Stop>,
) -> Result<R, Stop> {
    let found;
    let table = match Magic::value_of::<Arc<Table>>(&term).filter(|table| !table.is_deleted()) {
        Some(table) => table,
        None => match find(term) {
            Some(table) => {
                found = table;
                &found
            }
            None => return no_table(cx, term),
        },
    };
    if !table.allows(cx.process.id(), write) {
        return cx.badarg_because(am::access);
    }
    f(cx, table)
}

#[cold]
fn no_table<R>(cx: &mut Cx<'_>, term: Term) -> Result<R, Stop> {
    let cause = if term.is_atom() || term.is_local_ref() { am::id } else { am::type_ };
    cx.badarg_because(cause)
}

/// The identifier of a table, as `ets:new/2` gave it.
fn identifier(cx: &mut Cx<'_>, table: &Arc<Table>) -> Term {
    if table.named {
        return Term::from_atom(table.name());
    }
    tid(cx, table)
}

/// The reference of a table, named or not.
fn tid(cx: &mut Cx<'_>, table: &Arc<Table>) -> Term {
    cx.magic_ref(ets::reference_to(table))
}
