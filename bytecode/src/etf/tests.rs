//! A sink that prints, over what `term_to_binary` of OTP 25 gives.

use super::*;

#[derive(Default)]
struct Text(Vec<String>);

impl Text {
    fn last(&mut self, n: usize) -> String {
        let at = self.0.len() - n;
        self.0.split_off(at).join(",")
    }
    fn push(&mut self, text: String) -> Result<(), Fault> {
        self.0.push(text);
        Ok(())
    }
}

impl Sink for Text {
    fn integer(&mut self, value: i64) -> Result<(), Fault> {
        self.push(value.to_string())
    }
    fn big(&mut self, negative: bool, magnitude: &[u8]) -> Result<(), Fault> {
        self.push(format!("big{negative}{magnitude:?}"))
    }
    fn float(&mut self, value: f64) -> Result<(), Fault> {
        self.push(format!("{value:?}"))
    }
    fn atom(&mut self, name: &str) -> Result<(), Fault> {
        self.push(name.into())
    }
    fn nil(&mut self) -> Result<(), Fault> {
        self.push("[]".into())
    }
    fn binary(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.push(format!("<<{bytes:?}>>"))
    }
    fn bitstring(&mut self, bytes: &[u8], last_bits: u8) -> Result<(), Fault> {
        self.push(format!("<<{bytes:?}:{last_bits}>>"))
    }
    fn string(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.push(format!("{:?}", String::from_utf8_lossy(bytes)))
    }
    fn tuple(&mut self, arity: usize) -> Result<(), Fault> {
        let parts = self.last(arity);
        self.push(format!("{{{parts}}}"))
    }
    fn list(&mut self, elements: usize) -> Result<(), Fault> {
        let parts = self.last(elements + 1);
        self.push(format!("[{parts}]"))
    }
    fn map(&mut self, pairs: usize) -> Result<(), Fault> {
        let parts = self.last(2 * pairs);
        self.push(format!("#{{{parts}}}"))
    }
    fn pid(&mut self, node: &str, number: u32, serial: u32, creation: u32) -> Result<(), Fault> {
        self.push(format!("<{node}.{number}.{serial}/{creation}>"))
    }
    fn port(&mut self, node: &str, number: u64, creation: u32) -> Result<(), Fault> {
        self.push(format!("#Port<{node}.{number}/{creation}>"))
    }
    fn reference(&mut self, node: &str, creation: u32, numbers: &[u32]) -> Result<(), Fault> {
        self.push(format!("#Ref<{node}.{numbers:?}/{creation}>"))
    }
    fn export(&mut self, module: &str, function: &str, arity: u8) -> Result<(), Fault> {
        self.push(format!("fun {module}:{function}/{arity}"))
    }
    fn fun(&mut self, head: FunHead<'_>) -> Result<(), Fault> {
        let parts = self.last(head.free + 1);
        self.push(format!("#Fun<{}.{}.{}>({parts})", head.module, head.index, head.old_uniq))
    }
}

fn text(bytes: &[u8]) -> Result<String, Fault> {
    let mut sink = Text::default();
    let used = decode_with_version(bytes, &mut sink)?;
    assert_eq!(used, bytes.len());
    assert_eq!(sink.0.len(), 1);
    Ok(sink.0.remove(0))
}

#[test]
fn terms_of_every_kind() {
    // term_to_binary({1, -1, "ab", [a|b], #{x => <<1:3>>}, 1.5, <<"b">>, 1 bsl 70, [], {}, fun lists:map/2})
    let bytes = [
        131, 104, 11, 97, 1, 98, 255, 255, 255, 255, 107, 0, 2, 97, 98, 108, 0, 0, 0, 1, 100, 0, 1, 97, 100, 0, 1, 98,
        116, 0, 0, 0, 1, 100, 0, 1, 120, 77, 0, 0, 0, 1, 3, 32, 70, 63, 248, 0, 0, 0, 0, 0, 0, 109, 0, 0, 0, 1, 98,
        110, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 64, 106, 104, 0, 113, 100, 0, 5, 108, 105, 115, 116, 115, 100, 0, 3, 109,
        97, 112, 97, 2,
    ];
    let expected = "{1,-1,\"ab\",[a,b],#{x,<<[32]:3>>},1.5,<<[98]>>,bigfalse[0, 0, 0, 0, 0, 0, 0, 0, 64],[],{},fun lists:map/2}";
    assert_eq!(text(&bytes).as_deref(), Ok(expected));
    // Whatever is cut off is an error, and never a panic.
    for n in 0..bytes.len() {
        assert!(decode_with_version(&bytes[..n], &mut Text::default()).is_err());
    }
    // What every byte may be changed to doesn't panic.
    for at in 0..bytes.len() {
        for value in [0, 1, 77, 97, 104, 108, 112, 116, 255] {
            let mut changed = bytes;
            changed[at] = value;
            let _ = decode_with_version(&changed, &mut Text::default());
        }
    }
}

#[test]
fn compressed_terms() {
    // term_to_binary(lists:duplicate(30, $a), [compressed])
    let mut encoder = Encoder::new();
    encoder.string(30, std::iter::repeat_n(97, 30));
    let mut packed = vec![131, 80, 0, 0, 0, encoder.bytes.len() as u8];
    let mut deflate = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut deflate, &encoder.bytes).unwrap();
    packed.extend(deflate.finish().unwrap());
    assert_eq!(text(&packed), Ok(format!("{:?}", "a".repeat(30))));
    packed[5] -= 1;
    assert_eq!(text(&packed), Err(Fault::Malformed));
}

#[test]
fn claims_are_not_believed() {
    for bytes in [
        &[131, 108, 255, 255, 255, 255][..],
        &[131, 116, 255, 255, 255, 255],
        &[131, 105, 255, 255, 255, 255, 97],
        &[131, 109, 255, 255, 255, 255, 1],
        &[131, 111, 255, 255, 255, 255, 0, 1],
        &[131, 80, 255, 255, 255, 255, 1, 2, 3],
        &[131, 70, 127, 240, 0, 0, 0, 0, 0, 0],
        &[131],
        &[],
        &[130, 97, 1],
    ] {
        assert_eq!(text(bytes), Err(Fault::Malformed));
    }
}

#[test]
fn encoding() {
    let mut e = Encoder::new();
    for n in [0, 255, 256, -1, i64::from(i32::MAX), i64::from(i32::MAX) + 1, -(1 << 40)] {
        e.integer(n);
    }
    e.big(false, &[0, 64]);
    e.atom("é");
    e.atom("日");
    e.float_text = true;
    e.float(1.5);
    assert_eq!(
        e.bytes,
        [
            &[97, 0, 97, 255, 98, 0, 0, 1, 0, 98, 255, 255, 255, 255, 98, 127, 255, 255, 255][..],
            &[110, 4, 0, 0, 0, 0, 128, 110, 6, 1, 0, 0, 0, 0, 0, 1],
            &[110, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 64, 100, 0, 1, 233, 119, 3, 230, 151, 165],
            &[99],
            b"1.50000000000000000000e+00\0\0\0\0\0",
        ]
        .concat()
    );
}
