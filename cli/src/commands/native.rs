//! `glulam native new NAME`: a project for a plugin, with the SDK that it builds against.

use std::path::{Path, PathBuf};

use glulam_vm::host::isolated;

use crate::failure::Failure;

#[derive(clap::Subcommand)]
pub enum Native {
    /// Make a project in a new directory: `cargo test` builds it and calls its natives
    New {
        /// Name of the plugin and of its Erlang module
        name: String,
    },
}

#[derive(clap::Args)]
pub struct Host {
    library: PathBuf,
    module: String,
    requests: PathBuf,
    answers: PathBuf,
}

pub fn host(host: &Host) -> i32 {
    isolated::serve(&host.library, &host.module, &host.requests, &host.answers)
}

/// What is written: places below the project, and contents. `NAME` stands for the name.
const PROJECT: &[(&str, &str)] = &[
    ("Cargo.toml", include_str!("native/Cargo.toml.txt")),
    (".gitignore", "target/\n*.beam\n"),
    ("src/lib.rs", include_str!("native/lib.rs.txt")),
    ("NAME.erl", include_str!("native/module.erl.txt")),
    ("tests/natives.rs", include_str!("native/natives.rs.txt")),
];

macro_rules! sdk {
    ($($to:literal from $from:literal;)*) => {
        &[$(($to, include_str!(concat!("../../../vm/", $from)))),*]
    };
}

/// The crates that a plugin is built with, as this executable was.
const SDK: &[(&str, &str)] = sdk! {
    "abi/src/lib.rs" from "abi/src/lib.rs";
    "abi/src/functions.rs" from "abi/src/functions.rs";
    "abi/src/text.rs" from "abi/src/text.rs";
    "plugin/src/lib.rs" from "plugin/src/lib.rs";
    "plugin/src/binary.rs" from "plugin/src/binary.rs";
    "plugin/src/convert.rs" from "plugin/src/convert.rs";
    "plugin/src/cx.rs" from "plugin/src/cx.rs";
    "plugin/src/error.rs" from "plugin/src/error.rs";
    "plugin/src/glue.rs" from "plugin/src/glue.rs";
    "plugin/src/resource.rs" from "plugin/src/resource.rs";
    "plugin/src/sender.rs" from "plugin/src/sender.rs";
    "plugin/src/serde.rs" from "plugin/src/serde.rs";
    "plugin/src/step.rs" from "plugin/src/step.rs";
};

const ABI: &str = include_str!("native/abi.toml.txt");
const PLUGIN: &str = include_str!("native/plugin.toml.txt");

pub fn main(native: Native) -> Result<i32, Failure> {
    let Native::New { name } = native;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(plain) {
        return Err(Failure::Usage(format!("{name}: a name has small letters, digits and _, a letter first")));
    }
    let root = PathBuf::from(&name);
    if root.exists() {
        return Err(Failure::Usage(format!("{name} is there already")));
    }
    for (to, text) in PROJECT {
        write(&root.join(to.replace("NAME", &name)), &text.replace("NAME", &name))?;
    }
    for (to, text) in SDK {
        write(&root.join("sdk").join(to), text)?;
    }
    write(&root.join("sdk/abi/Cargo.toml"), ABI)?;
    write(&root.join("sdk/plugin/Cargo.toml"), PLUGIN)?;
    println!("{name}: made. `cargo test` in it builds the plugin and calls its natives.");
    Ok(0)
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let written = match path.parent() {
        Some(dir) => std::fs::create_dir_all(dir).and_then(|()| std::fs::write(path, text)),
        None => std::fs::write(path, text),
    };
    written.map_err(|e| Failure::NoInput(format!("{}: {e}", path.display())))
}
