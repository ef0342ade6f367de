//! Whether a file was built for this kind of computer.

use std::ffi::OsStr;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;

/// Machines by number.
const MACHINES: &[(u16, &str)] =
    &[(3, "x86"), (8, "mips"), (20, "powerpc"), (21, "powerpc64"), (22, "s390x"), (40, "arm"), (62, "x86_64"),
      (183, "aarch64"), (243, "riscv64"), (258, "loongarch64")];

/// What keeps the dynamic linker from loading a file, if it is what the file was built for.
pub(super) fn mismatch(path: &[u8]) -> Option<String> {
    let mut head = [0; 20];
    std::fs::File::open(OsStr::from_bytes(path)).ok()?.read_exact(&mut head).ok()?;
    let machine = machine(&head)?;
    let ours = std::env::consts::ARCH;
    (machine != ours).then(|| format!("it was built for {machine}, this is {ours}"))
}

/// The machine that the head of an ELF file names.
fn machine(head: &[u8; 20]) -> Option<String> {
    if !head.starts_with(b"\x7fELF") {
        return None;
    }
    let word = [head[18], head[19]];
    let number = if head[5] == 2 { u16::from_be_bytes(word) } else { u16::from_le_bytes(word) };
    let name = MACHINES.iter().find(|(n, _)| *n == number).map(|(_, name)| (*name).to_owned());
    Some(name.unwrap_or_else(|| format!("machine {number}")))
}

#[cfg(test)]
mod tests {
    use super::machine;

    #[test]
    fn tells_machines() {
        let mut head = [0; 20];
        assert_eq!(machine(&head), None);
        head[..6].copy_from_slice(b"\x7fELF\x02\x01");
        head[18] = 183;
        assert_eq!(machine(&head).as_deref(), Some("aarch64"));
        (head[5], head[18], head[19]) = (2, 0, 22);
        assert_eq!(machine(&head).as_deref(), Some("s390x"));
        head[18] = 200;
        assert_eq!(machine(&head).as_deref(), Some("machine 51222"));
    }
}
