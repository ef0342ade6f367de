//! `glulam inspect FILE.beam`, `glulam inspect LIBRARY.so`

use std::fmt::Write;
use std::path::{Path, PathBuf};

use glulam_bytecode::disas;
use glulam_bytecode::file::BeamFile;
use glulam_vm::host::library;
use serde_json::{Value, json};

use crate::failure::Failure;

#[derive(clap::Args)]
pub struct Inspect {
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Leave the code out
    #[arg(long)]
    no_code: bool,
    /// The file
    file: PathBuf,
}

pub fn main(inspect: Inspect) -> Result<i32, Failure> {
    let file = &inspect.file;
    if file.extension().is_some_and(|ext| ext == "so") {
        return library(&inspect);
    }
    let bytes = std::fs::read(file).map_err(|e| {
        let why = if e.kind() == std::io::ErrorKind::NotFound { "no such file".into() } else { e.to_string() };
        Failure::NoInput(format!("{}: {why}", file.display()))
    })?;
    let beam = BeamFile::parse(&file.to_string_lossy(), &bytes).map_err(|e| Failure::Data(e.to_string()))?;
    // A file of ours may be piped into `head`: a closed pipe is no failure.
    let text = if inspect.json { as_json(&beam, &inspect, bytes.len()) } else { as_text(&beam, &inspect) };
    let _ = std::io::Write::write_all(&mut std::io::stdout().lock(), text.as_bytes());
    Ok(0)
}

/// A plugin, or a library for erl_nif.h.
fn library(inspect: &Inspect) -> Result<i32, Failure> {
    let file = &inspect.file;
    if !file.exists() {
        return Err(Failure::NoInput(format!("{}: no such file", file.display())));
    }
    // The dynamic linker looks elsewhere for what has no directory.
    let path = file.canonicalize().unwrap_or_else(|_| file.clone());
    let rows = library::inspect(&path).map_err(|e| Failure::Data(format!("{}: {e}", file.display())))?;
    let mut text = String::new();
    if inspect.json {
        let natives: Vec<&String> = rows.iter().filter(|(name, _)| *name == "native").map(|(_, value)| value).collect();
        let mut value = json!({ "file": file.to_string_lossy(), "natives": natives });
        for (name, is) in rows.iter().filter(|(name, _)| *name != "native") {
            value[name.replace(' ', "_")] = json!(is);
        }
        text = serde_json::to_string_pretty(&value).unwrap_or_default();
        text.push('\n');
    } else {
        for (name, value) in &rows {
            let _ = writeln!(text, "{name:<13} {value}");
        }
    }
    let _ = std::io::Write::write_all(&mut std::io::stdout().lock(), text.as_bytes());
    Ok(0)
}

fn md5(beam: &BeamFile) -> String {
    beam.module_md5.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn chunk_name(id: &[u8; 4]) -> String {
    String::from_utf8_lossy(id).into_owned()
}

fn as_text(beam: &BeamFile, inspect: &Inspect) -> String {
    let mut out = String::new();
    let name = |atom| disas::AtomText(beam.atom(atom)).to_string();
    let _ = writeln!(out, "module   {}\nmd5      {}", name(beam.module), md5(beam));
    let _ = writeln!(out, "\nchunks");
    for chunk in &beam.chunks {
        let _ = writeln!(out, "  {:4}  {:>8} bytes", chunk_name(&chunk.id), chunk.range.len());
    }
    let _ = writeln!(out, "\nexports");
    for export in &beam.exports {
        let _ = writeln!(out, "  {}/{}", name(export.function), export.arity);
    }
    let _ = writeln!(out, "\nimports");
    for import in &beam.imports {
        let _ = writeln!(out, "  {}:{}/{}", name(import.module), name(import.function), import.arity);
    }
    if !inspect.no_code {
        let _ = writeln!(out, "\ncode\n{}", disas::text(beam));
    }
    out
}

fn as_json(beam: &BeamFile, inspect: &Inspect, size: usize) -> String {
    let name = |atom| beam.atom(atom).to_string();
    let function = |function, arity: u8| json!({ "function": name(function), "arity": arity });
    let file: &Path = &inspect.file;
    let mut value = json!({
        "file": file.to_string_lossy(),
        "size": size,
        "module": name(beam.module),
        "md5": md5(beam),
        "chunks": beam.chunks.iter()
            .map(|chunk| json!({ "id": chunk_name(&chunk.id), "size": chunk.range.len() }))
            .collect::<Vec<Value>>(),
        "exports": beam.exports.iter().map(|e| function(e.function, e.arity)).collect::<Vec<Value>>(),
        "locals": beam.locals.iter().map(|e| function(e.function, e.arity)).collect::<Vec<Value>>(),
        "imports": beam.imports.iter()
            .map(|i| json!({ "module": name(i.module), "function": name(i.function), "arity": i.arity }))
            .collect::<Vec<Value>>(),
        "literals": beam.literals.len(),
    });
    if !inspect.no_code {
        value["code"] = Value::String(disas::text(beam));
    }
    let mut text = serde_json::to_string_pretty(&value).unwrap_or_default();
    text.push('\n');
    text
}
