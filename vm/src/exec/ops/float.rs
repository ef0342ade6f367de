//! Floats in float registers.

use crate::am;
use crate::exec::machine::{Flow, Ins, Machine, outlined};
use crate::process::{Class, Exception};
use crate::term::{Header, Kind, Term};

impl Machine {
    #[inline(always)]
    fn f(&self, n: u16) -> f64 {
        // SAFETY: E1.
        unsafe { *self.f_registers().add(n as usize) }
    }
    #[inline(always)]
    fn set_f(&mut self, n: u16, value: f64) {
        // SAFETY: E1.
        unsafe { *self.f_registers().add(n as usize) = value }
    }
}

outlined! {
    cold fn badarith(m: &mut Machine) -> Flow {
        m.own().exception = Exception::new(Class::Error, am::badarith);
        Flow::Raise
    }
}

outlined! {
    pub(crate) fn load(m: &mut Machine, i: Ins) -> Flow {
        let t = m.src(i.a());
        let Some(v) = t.as_float() else { return super::raise::invalid(m) };
        m.set_f(i.b(), v);
        m.next(1 + (i.a() >> 15) as usize)
    }
}

outlined! {
    pub(crate) fn store(m: &mut Machine, i: Ins) -> Flow {
        let v = m.f(i.a());
        let p = m.bump(2);
        // SAFETY: E3.
        unsafe {
            *p = Header::new(Kind::Float, 1).bits();
            *p.add(1) = v.to_bits();
        }
        m.set(i.b(), Term::from_boxed(p));
        m.next(1)
    }
}

outlined! {
    pub(crate) fn move_(m: &mut Machine, i: Ins) -> Flow {
        let v = m.f(i.a());
        m.set_f(i.b(), v);
        m.next(1)
    }
}

outlined! {
    pub(crate) fn convert(m: &mut Machine, i: Ins) -> Flow {
        let t = m.src(i.a());
        let v = match t.as_small() {
            Some(n) => n as f64,
            None => match t.as_float() {
                Some(v) => v,
                None => match crate::heap::number::big_to_f64(t) {
                    Some(v) if v.is_finite() => v,
                    _ => return badarith(m),
                },
            },
        };
        m.set_f(i.b(), v);
        m.next(1 + (i.a() >> 15) as usize)
    }
}

macro_rules! binary {
    ($($name:ident = $op:tt;)*) => {$(
        pub(crate) fn $name(m: &mut Machine, i: Ins) -> Flow {
            let v = m.f(i.a()) $op m.f(i.b());
            if !v.is_finite() {
                return badarith(m);
            }
            m.set_f(i.c(), v);
            m.next(1)
        }
    )*};
}

binary! { add = +; sub = -; mul = *; div = /; }

outlined! {
    pub(crate) fn negate(m: &mut Machine, i: Ins) -> Flow {
        let v = -m.f(i.a());
        m.set_f(i.b(), v);
        m.next(1)
    }
}
