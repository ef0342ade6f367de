//! Every module of the installed Erlang and Elixir must load and verify.

mod common;

use std::process::Command;

use glulam_bytecode::verify::Frame;

#[test]
fn every_installed_module_loads() {
    let mut faults = Vec::new();
    for path in common::installed() {
        let bytes = std::fs::read(&path).unwrap();
        match glulam_bytecode::load(&path.display().to_string(), &bytes) {
            Ok((file, verified)) => {
                assert_eq!(verified.frames.len(), file.code.instrs.len());
                assert!(!verified.frames.iter().any(|f| matches!(f, Frame::Mixed(_))));
                assert_eq!(verified.functions.len() as u32, file.code.function_count);
            }
            Err(why) => faults.push(why.to_string()),
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn gzipped_files_load() {
    use std::io::Write;
    let Some((name, bytes)) = common::sample(100).into_iter().next() else {
        return;
    };
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&bytes).unwrap();
    let packed = glulam_bytecode::BeamFile::parse(&name, &gzip.finish().unwrap()).unwrap();
    assert_eq!(
        packed,
        glulam_bytecode::BeamFile::parse(&name, &bytes).unwrap()
    );
}

/// `beam_lib:md5/1` is the reference for the digest.
#[test]
fn digests_are_those_of_beam_lib() {
    let files: Vec<_> = common::installed().into_iter().step_by(20).collect();
    if files.is_empty() {
        return;
    }
    let list: Vec<String> = files
        .iter()
        .map(|path| format!("{:?}", path.display().to_string()))
        .collect();
    let program = format!(
        "[begin {{ok,{{_,D}}}} = beam_lib:md5(F), io:format(\"~s~n\", [binary:encode_hex(D)]) end \
         || F <- [{}]], halt().",
        list.join(",")
    );
    let Ok(output) = Command::new("erl")
        .args(["-noshell", "-eval", &program])
        .output()
    else {
        eprintln!("SKIPPED: there is no erl to ask for digests");
        return;
    };
    let theirs = String::from_utf8(output.stdout).unwrap();
    let theirs: Vec<&str> = theirs.lines().collect();
    assert_eq!(
        theirs.len(),
        files.len(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    for (path, theirs) in files.iter().zip(theirs) {
        let name = path.display().to_string();
        let file = glulam_bytecode::BeamFile::parse(&name, &std::fs::read(path).unwrap()).unwrap();
        let ours: String = file
            .module_md5
            .iter()
            .map(|byte| format!("{byte:02X}"))
            .collect();
        assert_eq!(ours, theirs, "{name}");
    }
}
