//! Why a native fails.

use crate::{Cx, IntoTerm, Term};

type Build = Box<dyn for<'a> FnOnce(Cx<'a>) -> Term<'a> + Send>;

/// What a native raises: `error:Reason`.
pub struct Error(Option<Build>);

impl Error {
    /// `error:badarg`
    pub fn badarg() -> Error {
        Error(None)
    }

    /// `error:Reason`
    pub fn new(reason: impl IntoTerm + Send + 'static) -> Error {
        Error(Some(Box::new(move |cx| reason.into_term(cx))))
    }

    pub(crate) fn reason(self, cx: Cx<'_>) -> Term<'_> {
        match self.0 {
            Some(build) => build(cx),
            None => cx.make(crate::atom("badarg")),
        }
    }
}

/// Any error of a library, as text: `error:<<"...">>`.
impl<E: std::error::Error> From<E> for Error {
    fn from(error: E) -> Error {
        Error::new(error.to_string())
    }
}
