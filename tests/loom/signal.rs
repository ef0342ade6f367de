//! Signals for models: numbers instead of terms.

/// A message.
#[derive(Debug, PartialEq, Eq)]
pub struct Parcel(pub u32);

impl Parcel {
    /// The parcel, moved out.
    ///
    /// # Safety
    /// The one read from is forgotten.
    pub unsafe fn by_words(&self) -> Parcel {
        Parcel(self.0)
    }
}

#[derive(Debug, PartialEq, Eq)]
pub enum Signal {
    Message(Parcel),
    Other(u32),
}

impl Signal {
    pub fn number(self) -> u32 {
        match self {
            Signal::Message(Parcel(number)) | Signal::Other(number) => number,
        }
    }
}
