//! The list as a C header and as a page of the documentation.

use core::fmt::{self, Write};

use super::{FUNCTIONS, VERSION};

/// A Rust type of the list in C.
fn c_type(rust: &'static str) -> &'static str {
    const TYPES: &[(&str, &str)] = &[
        ("*mut Call", "GlulamCall *"),
        ("*mut ResourceType", "GlulamType *"),
        ("*mut *mut c_void", "void **"),
        ("*mut *mut u8", "uint8_t **"),
        ("*mut c_void", "void *"),
        ("*mut Held", "GlulamHeld *"),
        ("*mut Bytes", "GlulamBytes *"),
        ("*mut Terms", "GlulamTerms *"),
        ("*mut Term", "GlulamTerm *"),
        ("*mut i64", "int64_t *"),
        ("*mut u64", "uint64_t *"),
        ("*mut u32", "uint32_t *"),
        ("*mut f64", "double *"),
        ("Term", "GlulamTerm "),
        ("Terms", "GlulamTerms "),
        ("Bytes", "GlulamBytes "),
        ("Step", "GlulamStep "),
        ("Drop", "GlulamDrop "),
        ("i64", "int64_t "),
        ("u64", "uint64_t "),
        ("u32", "uint32_t "),
        ("i32", "int32_t "),
        ("f64", "double "),
        ("usize", "size_t "),
        ("", "void "),
    ];
    let letters = |text: &'static str| text.chars().filter(|c| !c.is_whitespace());
    TYPES.iter().find(|(of, _)| letters(of).eq(letters(rust))).map_or("?", |(_, c)| c)
}

const HEAD: &str = r#"/* The interface between glulam and its plugins. Made from vm/abi/src/functions.rs: not to be edited. */
#ifndef GLULAM_H
#define GLULAM_H

#include <stddef.h>
#include <stdint.h>

typedef uint64_t GlulamTerm;
#define GLULAM_NONE ((GlulamTerm)0x17)
typedef struct GlulamCall GlulamCall;
typedef struct GlulamType GlulamType;
typedef struct GlulamHeld GlulamHeld;
typedef struct { const uint8_t *data; size_t size; } GlulamBytes;
typedef struct { const GlulamTerm *data; size_t count; } GlulamTerms;
typedef GlulamTerm (*GlulamNative)(GlulamCall *call, int32_t count, const GlulamTerm *args);
typedef GlulamTerm (*GlulamStep)(GlulamCall *call, void *state);
typedef void (*GlulamDrop)(void *value);

enum { GLULAM_ATOM = 1, GLULAM_BITSTRING, GLULAM_FLOAT, GLULAM_FUN, GLULAM_INTEGER, GLULAM_LIST, GLULAM_MAP,
       GLULAM_PID, GLULAM_PORT, GLULAM_REFERENCE, GLULAM_TUPLE };
enum { GLULAM_SENT, GLULAM_DEAD, GLULAM_FULL };
enum { GLULAM_QUICK, GLULAM_LONG, GLULAM_BLOCKING };

typedef struct {
    uint32_t size;
    uint32_t version;
"#;

const FOOT: &str = r#"} GlulamTable;

typedef struct { GlulamBytes name; uint32_t arity; uint32_t class_; GlulamNative run; } GlulamNativeEntry;

typedef struct GlulamState GlulamState;
struct GlulamState {
    size_t size; /* sizeof(GlulamState) */
    void *(*save)(GlulamState *state, GlulamBytes *to);
    GlulamDrop free;
};

typedef struct {
    uint32_t size; /* sizeof(GlulamPlugin) */
    uint32_t version; /* GLULAM_VERSION */
    uint32_t table_size; /* sizeof(GlulamTable) */
    uint32_t flags; /* 0 */
    GlulamBytes module;
    GlulamBytes capabilities;
    GlulamBytes built_with;
    const GlulamNativeEntry *natives;
    size_t native_count;
    void (*init)(const GlulamTable *table);
    int32_t (*load)(GlulamCall *call, GlulamTerm info, GlulamState *before, GlulamState **state);
    void (*unload)(GlulamState *state);
} GlulamPlugin;

/* What a plugin exports. */
const GlulamPlugin *glulam_plugin(void);

#endif
"#;

/// Writes `include/glulam.h`.
pub fn header(out: &mut impl Write) -> fmt::Result {
    out.write_str(HEAD)?;
    for function in FUNCTIONS {
        for line in function.docs {
            writeln!(out, "    /*{line} */")?;
        }
        write!(out, "    {}(*{})(", c_type(function.result), function.name)?;
        for (k, (name, ty)) in function.parameters.iter().enumerate() {
            write!(out, "{}{}{name}", if k > 0 { ", " } else { "" }, c_type(ty))?;
        }
        if function.parameters.is_empty() {
            out.write_str("void")?;
        }
        out.write_str(");\n")?;
    }
    let (before, after) = FOOT.split_at(FOOT.find("\n\n").unwrap_or(0));
    write!(out, "{before}\n\n#define GLULAM_VERSION {VERSION}{after}")
}

/// Writes `docs/generated/abi.md`.
pub fn page(out: &mut impl Write) -> fmt::Result {
    writeln!(
        out,
        "# Functions that plugins call\n\nMade from `vm/abi/src/functions.rs`: not to be edited. Version {VERSION} of the \
         interface, {} functions. Those that answer `u32` answer 1 or 0 where nothing else is said.\n",
        FUNCTIONS.len()
    )?;
    for function in FUNCTIONS {
        write!(out, "- `{}(", function.name)?;
        for (k, (name, ty)) in function.parameters.iter().enumerate() {
            write!(out, "{}{name}: ", if k > 0 { ", " } else { "" })?;
            // Macros give types with a blank in them.
            for part in ty.split_inclusive("* ") {
                out.write_str(part.strip_suffix(' ').filter(|part| part.ends_with('*')).unwrap_or(part))?;
            }
        }
        out.write_str(")")?;
        if !function.result.is_empty() {
            write!(out, " -> {}", function.result)?;
        }
        out.write_str("`")?;
        for (k, line) in function.docs.iter().enumerate() {
            write!(out, "{}{}", if k == 0 { ":" } else { "" }, line)?;
        }
        out.write_str("\n")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::string::String;

    /// `BLESS=1` writes the files anew.
    fn is_current(path: &str, text: &str) {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        if std::env::var_os("BLESS").is_some() {
            if let Some(dir) = path.parent() {
                std::fs::create_dir_all(dir).unwrap();
            }
            std::fs::write(&path, text).unwrap();
        }
        let there = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(there == text, "{} is not what the list yields; BLESS=1 writes it", path.display());
    }

    #[test]
    fn header_and_page_follow_the_list() {
        let (mut h, mut p) = (String::new(), String::new());
        header(&mut h).unwrap();
        page(&mut p).unwrap();
        assert!(!h.contains('?'), "a type has no C form: {h}");
        is_current("include/glulam.h", &h);
        is_current("../../docs/generated/abi.md", &p);
    }

    /// What was in the first version stays where it was.
    #[test]
    fn the_list_only_grows() {
        let start: std::vec::Vec<&str> = FUNCTIONS.iter().map(|f| f.name).collect();
        assert_eq!((start[0], start[44]), ("kind", "log"));
        assert_eq!(core::mem::offset_of!(crate::Table, kind), 8);
        assert_eq!(core::mem::size_of::<crate::Table>(), 8 + 8 * FUNCTIONS.len());
    }
}
