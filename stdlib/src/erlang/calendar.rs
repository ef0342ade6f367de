//! `erlang`: dates and times of day.

use glulam_vm::base::calendar::{self, DateTime};
use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::Build;
use glulam_vm::{Term, am};

glulam_vm::bifs! {
    erlang:date/0                         Normal => date;
    erlang:time/0                         Normal => time;
    erlang:localtime/0                    Normal => localtime;
    erlang:universaltime/0                Normal => universaltime;
    erlang:localtime_to_universaltime/2   Normal => local_to_universal;
    erlang:universaltime_to_localtime/1   Normal => universal_to_local;
    erlang:universaltime_to_posixtime/1   Normal => universal_to_posix;
    erlang:posixtime_to_universaltime/1   Normal => posix_to_universal;
}

/// `{{Year, Month, Day}, {Hour, Minute, Second}}`
fn term_of(cx: &mut Cx<'_>, t: DateTime) -> Term {
    let date = cx.tuple(&[t.year, t.month, t.day].map(Term::small));
    let time = cx.tuple(&[t.hour, t.minute, t.second].map(Term::small));
    cx.tuple(&[date, time])
}

fn date_time_of(term: Term) -> Option<DateTime> {
    let [date, time] = term.as_tuple_of::<2>()?;
    let [year, month, day] = date.as_tuple_of::<3>()?.map(Term::as_small);
    let [hour, minute, second] = time.as_tuple_of::<3>()?.map(Term::as_small);
    Some(DateTime { year: year?, month: month?, day: day?, hour: hour?, minute: minute?, second: second? })
}

fn local_now() -> DateTime {
    let now = calendar::now();
    DateTime::local_of_posix(now).unwrap_or_else(|| DateTime::of_posix(now))
}

fn date(cx: &mut Cx<'_>) -> Outcome {
    let t = local_now();
    Ok(cx.tuple(&[t.year, t.month, t.day].map(Term::small)))
}

fn time(cx: &mut Cx<'_>) -> Outcome {
    let t = local_now();
    Ok(cx.tuple(&[t.hour, t.minute, t.second].map(Term::small)))
}

fn localtime(cx: &mut Cx<'_>) -> Outcome {
    Ok(term_of(cx, local_now()))
}

fn universaltime(cx: &mut Cx<'_>) -> Outcome {
    Ok(term_of(cx, DateTime::of_posix(calendar::now())))
}

fn local_to_universal(cx: &mut Cx<'_>) -> Outcome {
    let [local, summer] = cx.take();
    let summer = match summer {
        am::true_ => Some(true),
        am::false_ => Some(false),
        am::undefined => None,
        _ => return cx.badarg(),
    };
    match date_time_of(local).and_then(|local| local.to_universal(summer)) {
        Some(universal) => Ok(term_of(cx, universal)),
        None => cx.badarg(),
    }
}

fn universal_to_local(cx: &mut Cx<'_>) -> Outcome {
    match date_time_of(cx.arg(0)).and_then(|universal| universal.to_local()) {
        Some(local) => Ok(term_of(cx, local)),
        None => cx.badarg(),
    }
}

fn universal_to_posix(cx: &mut Cx<'_>) -> Outcome {
    match date_time_of(cx.arg(0)).and_then(|universal| universal.posix()) {
        Some(seconds) => Ok(cx.i64(seconds)),
        None => cx.badarg(),
    }
}

fn posix_to_universal(cx: &mut Cx<'_>) -> Outcome {
    match cx.arg(0).as_i64() {
        Some(seconds) => Ok(term_of(cx, DateTime::of_posix(seconds))),
        None => cx.badarg(),
    }
}
