//! Which words are the emulator's and which are for init.

use std::ffi::OsString;

use crate::failure::Failure;

/// A command line taken apart.
#[derive(Default, Debug)]
pub struct Line {
    /// The emulator's flags, with `-` in place of `+`, each followed by its value if that is a word
    /// of its own.
    pub emulator: Vec<OsString>,
    /// What init reads.
    pub user: Vec<OsString>,
    /// `-env NAME VALUE`
    pub env: Vec<(OsString, OsString)>,
    pub detached: bool,
    pub version: bool,
    /// `-emu_args_exit`, `-emu_args`
    pub print_and_exit: bool,
    pub verbose: bool,
    /// `-name`, `-sname`: the node is one among others.
    pub is_distributed: bool,
    /// `-start_epmd false`, `-no_epmd`
    pub without_epmd: bool,
    /// `-epmd`: the command that starts the name server.
    pub epmd: Option<OsString>,
}

const HEAP: &[&str] = &["ms", "mbs", "pds", "max", "maxk", "maxel", "mqd", ""];
const SCHEDULING: &[&str] = &[
    "bt", "bwtdcpu", "bwtdio", "bwt", "cl", "ct", "ecio", "fwi", "tbt", "wct", "wtdcpu", "wtdio", "wt", "ws", "ss",
    "ssdcpu", "ssdio", "pp", "ub",
];
const MISC: &[&str] = &["dbbl", "dntgc", "ebwt", "osrl", "seed"];

fn missing(flag: &str) -> Failure {
    Failure::Erl(format!("Missing argument(s) for '{flag}'.\n{USAGE}"))
}

const USAGE: &str = "Usage: erl [-version] [-noshell] [-noinput] [-detached] [-env VAR VALUE] [-emu_args] \
[-emu_args_exit] [-args_file FILENAME] [+A THREADS] [+B[c|d|i]] [+c [BOOLEAN]] [+C MODE] [+e ETS_TABLES] \
[+fn ENCODING] [+h HEAP_SIZE_OPTION] [+P MAX_PROCS] [+Q MAX_PORTS] [+pc RANGE] [+s<SUBSWITCH> SCHEDULER_OPTION] \
[+S NO_SCHEDULERS:NO_SCHEDULERS_ONLINE] [+SDcpu N:ONLINE] [+SDio N] [+t MAX_ATOMS] [+W<i|w|e>] [+z MISC_OPTION] \
[args ...]";

/// Whether the value of an emulator flag (without its `+`) is the next word.
fn takes_value(flag: &str) -> bool {
    match flag {
        "a" | "A" | "C" | "e" | "i" | "n" | "P" | "Q" | "t" | "T" | "R" | "W" | "K" => true,
        "S" | "SP" | "SDcpu" | "SDPcpu" | "SDio" => true,
        "IOt" | "IOp" | "IOPt" | "IOPp" | "IOs" | "rg" | "pc" => true,
        _ => match flag.split_at_checked(1) {
            Some(("h", rest)) => HEAP.contains(&rest),
            Some(("s", rest)) => SCHEDULING.contains(&rest),
            Some(("z", rest)) => MISC.contains(&rest),
            Some(("J", _)) => true,
            // Allocator options: `+MBas aobf`. Those of two letters or more take a value.
            Some(("M", rest)) => rest.len() >= 2,
            _ => false,
        },
    }
}

/// Takes a command line apart.
pub fn line(words: Vec<OsString>) -> Result<Line, Failure> {
    let mut line = Line::default();
    let mut words = words.into_iter().peekable();
    while let Some(word) = words.next() {
        let Some(text) = word.to_str().map(str::to_string) else {
            line.user.push(word);
            continue;
        };
        if let Some(flag) = text.strip_prefix('+') {
            emulator_flag(&mut line, flag, &mut words)?;
            continue;
        }
        let mut value = || words.next().ok_or_else(|| missing(&text));
        match text.as_str() {
            "-extra" => {
                line.user.push(word);
                line.user.extend(words);
                return Ok(line);
            }
            "-env" => line.env.push((value()?, value()?)),
            "-detached" => {
                line.detached = true;
                line.user.extend(["-noshell".into(), "-noinput".into()]);
            }
            "-noinput" => line.user.extend(["-noshell".into(), "-noinput".into()]),
            "-version" => line.version = true,
            "-emu_args" => line.verbose = true,
            "-emu_args_exit" => line.print_and_exit = true,
            "-emu_type" | "-emu_flavor" => drop(value()?),
            "-epmd" => line.epmd = Some(value()?),
            "-no_epmd" => {
                line.without_epmd = true;
                line.user.push(word);
            }
            "-smp" => {
                let mode = words.next_if(|next| matches!(next.to_str(), Some("auto" | "enable" | "disable")));
                if mode.is_some_and(|mode| mode == "disable") {
                    return Err(Failure::Erl("Argument '-smp disable' not supported. Use \"+S 1\" instead.".into()));
                }
            }
            "-smpenable" | "-smpauto" => {}
            "-name" | "-sname" | "-proto_dist" | "-start_epmd" => {
                let value = value()?;
                match text.as_str() {
                    "-proto_dist" => {}
                    "-start_epmd" => match value.to_str() {
                        Some("true") => line.without_epmd = false,
                        Some("false") => line.without_epmd = true,
                        _ => {
                            return Err(Failure::Erl(format!("Expected boolean argument for '-start_epmd'.\n{USAGE}")));
                        }
                    },
                    _ => line.is_distributed = true,
                }
                line.user.extend([word, value]);
            }
            "-compile" => {
                line.user.extend(["-noshell", "-noinput", "-s", "c", "lc_batch"].map(OsString::from));
                line.emulator.push("-B".into());
            }
            "-make" => {
                let make = ["-noshell", "-noinput", "-s", "make", "all_or_nothing", "-s", "erlang", "halt"];
                line.user.extend(make.map(OsString::from));
                line.emulator.push("-B".into());
                return Ok(line);
            }
            _ => line.user.push(word),
        }
    }
    Ok(line)
}

fn emulator_flag(
    line: &mut Line,
    flag: &str,
    words: &mut std::iter::Peekable<std::vec::IntoIter<OsString>>,
) -> Result<(), Failure> {
    line.emulator.push(format!("-{flag}").into());
    let next_is = |words: &mut std::iter::Peekable<_>, values: &[&str]| {
        words.next_if(|next: &OsString| next.to_str().is_some_and(|next| values.contains(&next)))
    };
    let value = match flag {
        "B" => next_is(words, &["i", "c", "d"]),
        "c" => next_is(words, &["true", "false"]),
        _ if takes_value(flag) => Some(words.next().ok_or_else(|| missing(&format!("+{flag}")))?),
        _ => None,
    };
    line.emulator.extend(value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> (String, String) {
        let line = line(text.split_whitespace().map(OsString::from).collect()).unwrap();
        let join = |words: &[OsString]| words.join(std::ffi::OsStr::new(" ")).to_string_lossy().into_owned();
        (join(&line.emulator), join(&line.user))
    }

    #[test]
    fn flags_and_values() {
        let (emulator, user) = split("+S 2:2 +P 4096 -noshell +sbwt none +A0 -eval x -extra +S 1");
        assert_eq!(emulator, "-S 2:2 -P 4096 -sbwt none -A0");
        assert_eq!(user, "-noshell -eval x -extra +S 1");
        assert_eq!(split("+Bd +B i -noinput").0, "-Bd -B i");
        assert_eq!(split("-noinput").1, "-noshell -noinput");
    }

    #[test]
    fn a_value_is_missing() {
        assert!(line(vec!["+S".into()]).unwrap_err().to_string().contains("'+S'"));
    }
}
