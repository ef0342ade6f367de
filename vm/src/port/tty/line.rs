//! The line that is being edited, and what has to be written for the terminal to show it after each change.
//!
//! A line is a row of cells. What is not printable takes several cells, the first of which says what it
//! is: stepping over it steps over all of them. The screen may be narrower than the line: positions are
//! turned into rows and columns when the cursor has to move.

use unicode_width::UnicodeWidthChar;

use super::terminfo::Terminfo;

/// Cells after which a line is ended by force.
const LONGEST: usize = 1 << 16;
const TAB: usize = 8;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cell {
    /// A character as it is.
    Text(u32),
    /// A tabulator, shown as blanks.
    Tab,
    /// The start of an escape sequence, which takes no room.
    Escape,
    /// A control character, shown as `^A`.
    Control(u8),
    /// A character that the terminal doesn't know, shown by its number.
    Code(u32),
    /// One more cell of what stands before it.
    Rest,
}

pub(super) struct Line {
    terminal: Terminfo,
    /// Columns of the screen.
    width: usize,
    /// The terminal takes UTF-8.
    pub unicode: bool,
    cells: Vec<Cell>,
    /// The cell the cursor stands on; the line's length at its end.
    at: usize,
    out: Vec<u8>,
}

impl Line {
    pub fn new(terminal: Terminfo, unicode: bool) -> Line {
        Line { terminal, width: 80, unicode, cells: Vec::new(), at: 0, out: Vec::new() }
    }

    pub fn set_width(&mut self, width: usize) {
        self.width = width.max(1);
    }

    /// What is to be written since this was asked last.
    pub fn take_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    /// Ends a line that is too long to be kept.
    pub fn bound(&mut self) {
        if self.at > LONGEST {
            self.put(b"\n");
        }
    }

    pub fn beep(&mut self) {
        self.out.push(7);
    }

    /// Writes characters over those at the cursor.
    pub fn put(&mut self, text: &[u8]) {
        let new = self.lines_then_cells(text, false);
        let (from, to) = (self.at, self.at + new.len());
        let kept = self.cells.len().min(to);
        self.cells.splice(from..kept, new);
        self.at = to;
        if to > from {
            self.write(from, to);
        }
    }

    /// Puts characters between those before and those at the cursor.
    pub fn insert(&mut self, text: &[u8]) {
        let new = self.lines_then_cells(text, true);
        let from = self.at;
        self.at += new.len();
        self.cells.splice(from..from, new);
        self.write(from, self.cells.len());
        self.move_cursor(self.cells.len(), self.at);
    }

    /// Moves the cursor by characters.
    pub fn step(&mut self, count: i16) {
        let to = self.stepped(count);
        self.move_cursor(self.at, to);
        self.at = to;
    }

    /// Takes away characters after the cursor, or before it if `count` is negative.
    pub fn delete(&mut self, count: i16) {
        let to = self.stepped(count);
        let (from, end) = (self.at.min(to), self.at.max(to));
        if from == end {
            return;
        }
        let columns = self.column(end) - self.column(from);
        self.move_cursor(self.at, from);
        self.cells.drain(from..end);
        self.at = from;
        // What follows moves up; blanks cover what it leaves.
        self.write(from, self.cells.len());
        self.out.extend(std::iter::repeat_n(b' ', columns));
        if self.terminal.late_wrap && (self.column(self.cells.len()) + columns).is_multiple_of(self.width) {
            self.out.push(b' ');
            self.left(1);
        }
        self.move_cursor(self.cells.len() + columns, from);
    }

    /// Writes the lines that `text` ends; the cells of what follows the last of them.
    fn lines_then_cells(&mut self, text: &[u8], inserting: bool) -> Vec<Cell> {
        let mut new = Vec::new();
        for character in characters(text) {
            if character == 10 || character == 13 {
                self.write_cells(&new);
                self.out.push(b'\r');
                if character == 10 {
                    self.out.push(b'\n');
                }
                let gone = if inserting { self.at } else { self.at + new.len() };
                self.cells.drain(..gone.min(self.cells.len()));
                self.at = 0;
                new.clear();
            } else {
                self.push(&mut new, character);
            }
        }
        new
    }

    fn push(&self, cells: &mut Vec<Cell>, character: u32) {
        match character {
            0x20..=0x7e => cells.push(Cell::Text(character)),
            0x80.. if self.unicode => cells.push(Cell::Text(character)),
            0x80.. => {
                cells.push(Cell::Code(character));
                cells.extend(std::iter::repeat_n(Cell::Rest, code_text(character).len()));
            }
            9 => {
                cells.push(Cell::Tab);
                while !(self.at + cells.len()).is_multiple_of(TAB) {
                    cells.push(Cell::Rest);
                }
            }
            27 => cells.push(Cell::Escape),
            _ => cells.extend([Cell::Control(character as u8), Cell::Rest]),
        }
    }

    /// Where `count` characters from the cursor is, within the line.
    fn stepped(&self, count: i16) -> usize {
        let mut at = self.at;
        for _ in 0..count {
            if at < self.cells.len() {
                at += 1;
                while self.cells.get(at) == Some(&Cell::Rest) {
                    at += 1;
                }
            }
        }
        for _ in count..0 {
            if at > 0 {
                at -= 1;
                while at > 0 && self.cells.get(at) == Some(&Cell::Rest) {
                    at -= 1;
                }
            }
        }
        at
    }

    /// Shows cells; what was written last for one of them.
    fn write_cells(&mut self, cells: &[Cell]) -> Vec<u8> {
        let mut last = vec![b' '];
        let mut cells = cells.iter().copied().peekable();
        while let Some(cell) = cells.next() {
            last.clear();
            match cell {
                Cell::Text(c) if self.unicode => {
                    let text = char::from_u32(c).unwrap_or(char::REPLACEMENT_CHARACTER);
                    last.extend_from_slice(text.encode_utf8(&mut [0; 4]).as_bytes());
                }
                Cell::Text(c) => last.push(c as u8),
                Cell::Tab | Cell::Rest => last.push(b' '),
                Cell::Escape => last.push(27),
                Cell::Control(c) => {
                    self.out.push(b'^');
                    last.push(c | 0x40);
                    cells.next_if_eq(&Cell::Rest);
                }
                Cell::Code(c) => {
                    let text = code_text(c);
                    self.out.push(b'\\');
                    self.out.extend_from_slice(&text[..text.len() - 1]);
                    last.push(text[text.len() - 1]);
                    while cells.next_if_eq(&Cell::Rest).is_some() {}
                }
            }
            self.out.extend_from_slice(&last);
        }
        last
    }

    /// Shows a part of the line; the cursor stands behind it then.
    fn write(&mut self, from: usize, to: usize) {
        let part = self.cells[from..to].to_vec();
        let last = self.write_cells(&part);
        // A terminal that wraps late is made to wrap now: one more character, and back over it.
        if self.terminal.late_wrap && to != 0 && self.column(to).is_multiple_of(self.width) {
            if to >= self.cells.len() {
                self.out.push(b' ');
            } else {
                self.out.extend_from_slice(&last);
            }
            self.left(1);
        }
    }

    fn left(&mut self, count: usize) {
        self.out.extend(std::iter::repeat_n(8, count));
    }

    fn move_cursor(&mut self, from: usize, to: usize) {
        let (from, to) = (self.column(from), self.column(to));
        let (row, new_row) = (from / self.width, to / self.width);
        let (column, new_column) = (from % self.width, to % self.width);
        let mut repeat = |what: &[u8], count: usize| (0..count).for_each(|_| self.out.extend_from_slice(what));
        repeat(&self.terminal.down, new_row.saturating_sub(row));
        repeat(&self.terminal.up, row.saturating_sub(new_row));
        repeat(&self.terminal.right, new_column.saturating_sub(column));
        repeat(b"\x08", column.saturating_sub(new_column));
    }

    /// Columns that the cells before `position` take; those past the end count one each. Only characters
    /// count, as in OTP's driver.
    fn column(&self, position: usize) -> usize {
        let past = position.saturating_sub(self.cells.len());
        let cells = &self.cells[..position - past];
        let (mut columns, mut at) = (past, 0);
        while let Some(&cell) = cells.get(at) {
            match cell {
                Cell::Text(c) => {
                    columns += char::from_u32(c).and_then(UnicodeWidthChar::width).unwrap_or(0);
                    at += 1;
                }
                Cell::Escape => at += self.escape_length(at),
                _ => at += 1,
            }
        }
        columns
    }

    /// Cells of the escape sequence at a position: `ESC [`, numbers and semicolons, and one that ends it.
    fn escape_length(&self, at: usize) -> usize {
        match &self.cells[at + 1..] {
            [] => 1,
            [Cell::Text(0x5b), rest @ ..] => {
                let part_of_it = |cell: &&Cell| matches!(cell, Cell::Text(0x30..=0x39 | 0x3b));
                3 + rest.iter().take_while(part_of_it).count()
            }
            _ => 2,
        }
    }
}

/// The characters of a text; bytes that are none stand for themselves.
fn characters(text: &[u8]) -> impl Iterator<Item = u32> + '_ {
    text.utf8_chunks().flat_map(|chunk| {
        chunk.valid().chars().map(u32::from).chain(chunk.invalid().iter().map(|&byte| u32::from(byte)))
    })
}

/// A character's number as Erlang writes it behind a backslash.
fn code_text(character: u32) -> Vec<u8> {
    if character < 0o1000 { format!("{character:03o}") } else { format!("x{{{character:X}}}") }.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(width: usize) -> Line {
        let terminal = Terminfo {
            up: b"<up>".into(),
            down: b"<down>".into(),
            right: b">".into(),
            late_wrap: true,
            columns: None,
        };
        let mut line = Line::new(terminal, true);
        line.set_width(width);
        line
    }

    fn shown(line: &mut Line) -> String {
        String::from_utf8(line.take_output()).unwrap().replace('\u{8}', "<")
    }

    #[test]
    fn text_is_put_moved_over_and_taken_away() {
        let mut l = line(80);
        l.put("1> abc".as_bytes());
        assert_eq!(shown(&mut l), "1> abc");
        l.step(-2);
        assert_eq!(shown(&mut l), "<<");
        l.insert("é".as_bytes());
        assert_eq!(shown(&mut l), "ébc<<");
        l.delete(-1);
        assert_eq!(shown(&mut l), "<bc <<<");
        l.delete(1);
        assert_eq!(shown(&mut l), "c <<");
        l.step(5);
        l.put(b"\n2> ");
        assert_eq!(shown(&mut l), ">\r\n2> ");
        l.delete(-100);
        assert_eq!(shown(&mut l), "<<<   <<<");
    }

    #[test]
    fn what_is_not_printable_is_shown_and_stepped_over_as_one() {
        let mut l = line(80);
        l.put(b"a\tb\x01\x1b[31mc");
        assert_eq!(shown(&mut l), "a       b^A\u{1b}[31mc");
        // neither tabulators, control characters nor escape sequences count
        l.step(-100);
        assert_eq!(shown(&mut l), "<<<");
        l.unicode = false;
        l.put("xé€".as_bytes());
        assert_eq!(shown(&mut l), "x\\351\\x{20AC}");
    }

    #[test]
    fn lines_wrap_at_the_screens_edge() {
        let mut l = line(4);
        l.put(b"abcd");
        assert_eq!(shown(&mut l), "abcd <");
        l.put(b"ef");
        assert_eq!(shown(&mut l), "ef");
        l.step(-3);
        assert_eq!(shown(&mut l), "<up>>");
        l.insert("日".as_bytes());
        assert_eq!(shown(&mut l), "日def <<up>>");
    }

    #[test]
    fn bytes_that_are_no_characters_stand_for_themselves() {
        let mut l = line(80);
        l.put(&[0xff, b'a', 0xe2, 0x82]);
        assert_eq!(shown(&mut l), "ÿaâ\u{82}");
    }
}
