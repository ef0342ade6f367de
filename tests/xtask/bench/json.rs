//! Reads JSON, as far as our own results need it.

use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Value>),
    Map(BTreeMap<String, Value>),
}

impl Value {
    pub fn parse(text: &str) -> Result<Value, String> {
        let mut reader = Reader { bytes: text.as_bytes(), at: 0 };
        let value = reader.value().ok_or(format!("no JSON at byte {}", reader.at))?;
        reader.blanks();
        match reader.at == text.len() {
            true => Ok(value),
            false => Err(format!("more than JSON at byte {}", reader.at)),
        }
    }

    pub fn get(&self, key: &str) -> Option<&Value> {
        if let Value::Map(map) = self { map.get(key) } else { None }
    }

    pub fn list(&self) -> &[Value] {
        if let Value::List(list) = self { list } else { &[] }
    }

    pub fn number(&self) -> Option<f64> {
        if let Value::Number(n) = self { Some(*n) } else { None }
    }

    pub fn text(&self) -> Option<&str> {
        if let Value::Text(text) = self { Some(text) } else { None }
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn blanks(&mut self) {
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        self.blanks();
        (self.bytes.get(self.at) == Some(&byte)).then(|| self.at += 1)
    }

    fn value(&mut self) -> Option<Value> {
        self.blanks();
        Some(match self.bytes.get(self.at)? {
            b'{' => Value::Map(self.items(b'{', b'}', |r| {
                r.blanks();
                let key = r.text()?;
                r.take(b':')?;
                Some((key, r.value()?))
            })?),
            b'[' => Value::List(self.items(b'[', b']', Self::value)?),
            b'"' => Value::Text(self.text()?),
            b't' => self.word("true", Value::Bool(true))?,
            b'f' => self.word("false", Value::Bool(false))?,
            b'n' => self.word("null", Value::Null)?,
            _ => self.number()?,
        })
    }

    fn items<T, C: Default + Extend<T>>(
        &mut self,
        open: u8,
        close: u8,
        mut item: impl FnMut(&mut Self) -> Option<T>,
    ) -> Option<C> {
        let mut items = C::default();
        self.take(open)?;
        if self.take(close).is_some() {
            return Some(items);
        }
        loop {
            items.extend([item(self)?]);
            if self.take(b',').is_none() {
                self.take(close)?;
                return Some(items);
            }
        }
    }

    fn word(&mut self, word: &str, value: Value) -> Option<Value> {
        self.bytes[self.at..].starts_with(word.as_bytes()).then(|| self.at += word.len())?;
        Some(value)
    }

    fn number(&mut self) -> Option<Value> {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().take_while(|b| b.is_ascii_digit() || b"+-.eE".contains(b)).count();
        let number = std::str::from_utf8(&rest[..length]).ok()?.parse().ok()?;
        self.at += length;
        Some(Value::Number(number))
    }

    fn text(&mut self) -> Option<String> {
        let mut out = Vec::new();
        (self.bytes.get(self.at) == Some(&b'"')).then(|| self.at += 1)?;
        loop {
            let byte = *self.bytes.get(self.at)?;
            self.at += 1;
            match byte {
                b'"' => return String::from_utf8(out).ok(),
                b'\\' => {
                    let escaped = *self.bytes.get(self.at)?;
                    self.at += 1;
                    match escaped {
                        b'n' => out.push(b'\n'),
                        b't' => out.push(b'\t'),
                        b'u' => {
                            let digits = std::str::from_utf8(self.bytes.get(self.at..self.at + 4)?).ok()?;
                            let c = char::from_u32(u32::from_str_radix(digits, 16).ok()?)?;
                            out.extend(c.to_string().as_bytes());
                            self.at += 4;
                        }
                        other => out.push(other),
                    }
                }
                byte => out.push(byte),
            }
        }
    }
}

/// A text as JSON.
pub fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if (c as u32) < 32 => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::{Value, quote};

    #[test]
    fn what_is_written_is_read() {
        let odd = "a \"b\" \\ \n ü";
        let value = Value::parse(&format!("{{\"a\":[1, -2.5e3,true,null],{}:{}}}", quote(odd), quote(odd))).unwrap();
        assert_eq!(value.get("a").unwrap().list()[1].number(), Some(-2500.0));
        assert_eq!(value.get(odd).unwrap().text(), Some(odd));
    }

    #[test]
    fn what_is_no_json_is_refused() {
        for text in ["", "{", "[1,]", "{\"a\" 1}", "1 2", "\"a", "nul"] {
            assert!(Value::parse(text).is_err(), "{text}");
        }
    }
}
