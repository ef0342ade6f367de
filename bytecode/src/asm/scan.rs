//! Scanning one line of assembly text.

/// What is wrong with a line.
pub(super) type Fault = String;

/// The rest of a line.
#[derive(Clone)]
pub(super) struct Scan<'a> {
    rest: &'a str,
}

impl<'a> Scan<'a> {
    pub fn new(line: &'a str) -> Self {
        Scan { rest: line }
    }

    /// Skips blanks and a comment; true if nothing is left.
    pub fn at_end(&mut self) -> bool {
        self.rest = self.rest.trim_start();
        if self.rest.starts_with(';') {
            self.rest = "";
        }
        self.rest.is_empty()
    }

    pub fn end(&mut self) -> Result<(), Fault> {
        if self.at_end() {
            Ok(())
        } else {
            Err(format!("unexpected text: {}", self.rest))
        }
    }

    /// Takes this text, if it comes next.
    pub fn take(&mut self, text: &str) -> bool {
        if self.at_end() {
            return false;
        }
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    pub fn expect(&mut self, text: &str) -> Result<(), Fault> {
        if self.take(text) {
            Ok(())
        } else {
            Err(format!("expected {text} at: {}", self.rest))
        }
    }

    /// Letters, digits and a few signs that make up names and numbers.
    pub fn word(&mut self) -> Result<&'a str, Fault> {
        let none = self.at_end();
        let of_word =
            |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '@' | '-' | '#' | '=' | '$');
        let end = self.rest.find(|c| !of_word(c)).unwrap_or(self.rest.len());
        if none || end == 0 {
            return Err(format!("expected a word at: {}", self.rest));
        }
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        Ok(word)
    }

    pub fn keyword(&mut self, word: &str) -> Result<(), Fault> {
        let found = self.word()?;
        if found == word {
            Ok(())
        } else {
            Err(format!("expected {word}, found {found}"))
        }
    }

    pub fn number<T: std::str::FromStr>(&mut self) -> Result<T, Fault> {
        let word = self.word()?;
        word.parse()
            .map_err(|_| format!("not a number in range: {word}"))
    }

    /// A label, `L` and digits.
    pub fn label(&mut self) -> Result<u32, Fault> {
        let word = self.word()?;
        let digits = word
            .strip_prefix('L')
            .ok_or_else(|| format!("not a label: {word}"))?;
        digits.parse().map_err(|_| format!("not a label: {word}"))
    }

    /// True if a quoted atom comes next.
    pub fn sees_quote(&mut self) -> bool {
        !self.at_end() && self.rest.starts_with('\'')
    }

    /// An atom, bare or quoted.
    pub fn atom(&mut self) -> Result<String, Fault> {
        if self.sees_quote() {
            self.quoted('\'')
        } else {
            self.word().map(str::to_owned)
        }
    }

    pub fn quoted(&mut self, quote: char) -> Result<String, Fault> {
        if self.at_end() || !self.rest.starts_with(quote) {
            return Err(format!("expected {quote} at: {}", self.rest));
        }
        let mut text = String::new();
        let mut chars = self.rest.char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            match c {
                c if c == quote => {
                    self.rest = &self.rest[at + 1..];
                    return Ok(text);
                }
                '\\' => match chars.next() {
                    Some((_, 'x')) => {
                        let digits = chars.by_ref().map(|(_, c)| c).skip_while(|c| *c == '{');
                        let digits: String = digits.take_while(|c| *c != '}').collect();
                        let code = u32::from_str_radix(&digits, 16)
                            .ok()
                            .and_then(char::from_u32);
                        text.push(code.ok_or_else(|| format!("no such character: {digits}"))?);
                    }
                    Some((_, c)) => text.push(c),
                    None => break,
                },
                c => text.push(c),
            }
        }
        Err(format!("{quote} is missing"))
    }

    /// Bytes in hexadecimal.
    pub fn hex(&mut self) -> Result<Vec<u8>, Fault> {
        if self.at_end() {
            return Ok(Vec::new());
        }
        hex(self.word()?)
    }
}

pub(super) fn hex(word: &str) -> Result<Vec<u8>, Fault> {
    let digits = word.as_bytes();
    let pair = |pair: &[u8]| {
        let text = std::str::from_utf8(pair)
            .ok()
            .filter(|text| text.len() == 2)?;
        u8::from_str_radix(text, 16).ok()
    };
    let bytes: Option<Vec<u8>> = digits.chunks(2).map(pair).collect();
    bytes.ok_or_else(|| "not pairs of hexadecimal digits".to_owned())
}
