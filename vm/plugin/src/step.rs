//! What natives give back, and work in steps.

use std::ffi::c_void;

use glulam_abi as abi;

use crate::glue::{guarded, table};
use crate::{Cx, Error, IntoTerm, Term};

/// How far a step has got.
pub enum Progress<T> {
    Done(T),
    /// There is more to do: the process gives way to others, then the next step follows.
    Again,
}

/// Long work that gives way to other processes in between. A step should end when
/// [`Cx::is_spent`] says so; a work that is dropped was given up.
pub trait Step: Send + 'static {
    type Output: IntoTerm;
    fn step(&mut self, cx: Cx<'_>) -> Result<Progress<Self::Output>, Error>;
}

/// A native that gives this goes on in steps; what the last one gives is what the native gives.
pub struct Long<S: Step>(pub S);

/// What a native may give: anything that is a term, `Long` work, or a `Result` of those.
pub trait Outcome {
    fn finish(self, cx: Cx<'_>) -> Result<Term<'_>, Error>;
}

impl<T: IntoTerm> Outcome for T {
    #[inline]
    fn finish(self, cx: Cx<'_>) -> Result<Term<'_>, Error> {
        Ok(self.into_term(cx))
    }
}

impl<T: Outcome, E: Into<Error>> Outcome for Result<T, E> {
    #[inline]
    fn finish(self, cx: Cx<'_>) -> Result<Term<'_>, Error> {
        self.map_err(Into::into)?.finish(cx)
    }
}

impl<S: Step> Outcome for Long<S> {
    fn finish(self, cx: Cx<'_>) -> Result<Term<'_>, Error> {
        unsafe extern "C" fn step<S: Step>(call: *mut abi::Call, state: *mut c_void) -> abi::Term {
            guarded(call, |cx| {
                // SAFETY: P5: the work that `again` was given, used by one thread at a time.
                match unsafe { &mut *state.cast::<S>() }.step(cx)? {
                    Progress::Done(value) => Ok(value.into_term(cx)),
                    Progress::Again => {
                        // SAFETY: P1, P5.
                        unsafe { (table().again)(call, state, step::<S>, free::<S>) };
                        Ok(cx.term(abi::Term::NONE))
                    }
                }
            })
        }
        unsafe extern "C" fn free<S: Step>(state: *mut c_void) {
            // SAFETY: P5: what `into_raw` gave, once.
            let work = unsafe { Box::from_raw(state.cast::<S>()) };
            crate::glue::quietly(move || drop(work));
        }
        let state = Box::into_raw(Box::new(self.0)).cast::<c_void>();
        // SAFETY: P1, P5.
        unsafe { (table().again)(cx.call, state, step::<S>, free::<S>) };
        Ok(cx.term(abi::Term::NONE))
    }
}
