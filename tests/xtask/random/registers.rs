//! What random code knows of the registers at a place. Start reading at: `State`.

/// What is known of the term in a register.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Known {
    Any,
    Number,
    Cons,
    Tuple(usize),
    Map,
    /// A function of so many arguments.
    Fun(usize),
    Context,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Slot {
    /// Something that no code may read.
    Blank,
    Term(Known),
    /// Of a `try` or `catch` in force.
    Tag,
}

/// The registers at a place of the code.
#[derive(Clone)]
pub(super) struct State {
    pub(super) x: Vec<Option<Known>>,
    pub(super) y: Option<Vec<Slot>>,
}

impl State {
    /// How many of the first registers are set without a gap.
    pub(super) fn prefix(&self) -> usize {
        self.x.iter().take_while(|x| x.is_some()).count()
    }

    pub(super) fn prune(&mut self, live: usize) {
        self.x[live..].fill(None);
    }

    /// What is known where code from two places comes together.
    pub(super) fn join(&mut self, other: &State) {
        for (x, other) in self.x.iter_mut().zip(&other.x) {
            *x = match (*x, *other) {
                (Some(Known::Context), _) | (_, Some(Known::Context)) | (None, _) | (_, None) => None,
                (Some(a), Some(b)) => Some(if a == b { a } else { Known::Any }),
            };
        }
        if let (Some(y), Some(other)) = (&mut self.y, &other.y) {
            for (y, other) in y.iter_mut().zip(other) {
                *y = match (*y, *other) {
                    (Slot::Blank, _) | (_, Slot::Blank) => Slot::Blank,
                    (a, b) if a == b => a,
                    _ => Slot::Term(Known::Any),
                };
            }
        }
    }

    pub(super) fn set(&mut self, register: Register, known: Known) {
        match (register, &mut self.y) {
            (Register::X(n), _) => self.x[n] = Some(known),
            (Register::Y(n), Some(y)) => y[n] = Slot::Term(known),
            (Register::Y(_), None) => {}
        }
    }

    /// Registers that hold terms, the x ones below `limit`.
    pub(super) fn readable(&self, limit: usize) -> Vec<(Register, Known)> {
        let x = self.x[..limit].iter().enumerate().filter_map(|(n, x)| Some((Register::X(n), (*x)?)));
        let y = self.y.iter().flatten().enumerate().filter_map(|(n, y)| match y {
            Slot::Term(known) => Some((Register::Y(n), *known)),
            _ => None,
        });
        x.chain(y).filter(|(_, known)| *known != Known::Context).collect()
    }
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Register {
    X(usize),
    Y(usize),
}

impl std::fmt::Display for Register {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Register::X(n) => write!(f, "{{x,{n}}}"),
            Register::Y(n) => write!(f, "{{y,{n}}}"),
        }
    }
}

/// The registers at another place that may go to where a test fails.
pub(super) fn note(s: &State, no: &mut Option<State>) {
    match no {
        Some(no) => no.join(s),
        None => {
            let mut first = s.clone();
            first.join(s);
            *no = Some(first);
        }
    }
}
