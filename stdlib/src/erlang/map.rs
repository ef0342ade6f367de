//! `erlang`: maps.

use glulam_vm::Term;
use glulam_vm::bif::{Cx, Outcome};

use crate::maps::map_or_badmap;

glulam_vm::bifs! {
    erlang:map_size/1    Normal guard => map_size;
    erlang:map_get/2     Normal guard => crate::maps::get;
    erlang:is_map_key/2  Normal guard => crate::maps::is_key;
}

fn map_size(cx: &mut Cx<'_>) -> Outcome {
    let [map] = cx.take();
    let map = map_or_badmap(cx, map)?;
    Ok(Term::small(map.size() as i64))
}
