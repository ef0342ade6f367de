//! Functions of floats, from the C library: its results are those that OTP gives.

macro_rules! functions {
    ($($name:ident($($x:ident),*);)*) => {
        mod c {
            #[link(name = "m")]
            unsafe extern "C" {
                $(pub(super) fn $name($($x: f64),*) -> f64;)*
            }
        }
        $(
            /// As in C.
            pub fn $name($($x: f64),*) -> f64 {
                // SAFETY: a function of numbers alone.
                unsafe { c::$name($($x),*) }
            }
        )*
    };
}

functions! {
    acos(x);
    acosh(x);
    asin(x);
    asinh(x);
    atan(x);
    atan2(y, x);
    atanh(x);
    cos(x);
    cosh(x);
    erf(x);
    erfc(x);
    exp(x);
    log(x);
    log10(x);
    log2(x);
    pow(x, y);
    sin(x);
    sinh(x);
    sqrt(x);
    tan(x);
    tanh(x);
}
