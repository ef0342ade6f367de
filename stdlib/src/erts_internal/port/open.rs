//! `erts_internal:open_port/2`: names and options of ports.

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::port::{self, Framing, OpenError, Options, Program, Surroundings};
use glulam_vm::process::Pid;
use glulam_vm::runtime::config;
use glulam_vm::{Atom, Term, am};

use crate::prim_file::encode_name;

/// What the options say.
#[derive(Default)]
struct Asked {
    options: Options,
    around: Surroundings,
    args: Option<Vec<Vec<u8>>>,
    arg0: Option<Vec<u8>>,
}

/// The options are of no use.
struct BadOption;

/// A file name, argument, or value of a variable.
fn bytes_of(term: Term) -> Result<Vec<u8>, BadOption> {
    encode_name(term).ok_or(BadOption)
}

/// A string: a deep list of characters.
fn characters_of(term: Term) -> Result<Vec<u8>, BadOption> {
    if term.is_list() { bytes_of(term) } else { Err(BadOption) }
}

fn environment(list: Term) -> Result<Vec<(Vec<u8>, Option<Vec<u8>>)>, BadOption> {
    let rows = list.proper_list().ok_or(BadOption)?;
    let row = |row: Term| {
        let [name, value] = row.as_tuple_of::<2>().ok_or(BadOption)?;
        let value = if value == am::false_ { None } else { Some(characters_of(value)?) };
        let name = characters_of(name)?;
        // A name with `=` in it is none.
        if name.contains(&b'=') { Err(BadOption) } else { Ok((name, value)) }
    };
    rows.into_iter().map(row).collect()
}

/// The longest line of a port that was opened with `line` and no length.
const LINE: usize = 512;

impl Asked {
    fn of(list: Term) -> Result<Asked, BadOption> {
        let mut asked = Asked::default();
        asked.options.parallelism = config::current().port_parallelism;
        let (mut input, mut output) = (false, false);
        for option in list.proper_list().ok_or(BadOption)? {
            if let Some([key, value]) = option.as_tuple_of::<2>() {
                asked.pair(key.as_atom().ok_or(BadOption)?, value)?;
                continue;
            }
            let options = &mut asked.options;
            match option.as_atom().ok_or(BadOption)?.name() {
                "stream" => options.framing = Framing::Stream,
                "line" => options.framing = Framing::Line(LINE),
                "in" => input = true,
                "out" => output = true,
                "binary" => options.binary = true,
                "eof" => options.eof = true,
                "exit_status" => options.exit_status = true,
                "use_stdio" => options.use_stdio = true,
                "nouse_stdio" => options.use_stdio = false,
                "stderr_to_stdout" => options.stderr_to_stdout = true,
                // For Windows.
                "hide" | "overlapped_io" => {}
                _ => return Err(BadOption),
            }
        }
        if input || output {
            (asked.options.input, asked.options.output) = (input, output);
        }
        Ok(asked)
    }

    fn pair(&mut self, key: Atom, value: Term) -> Result<(), BadOption> {
        match key.name() {
            "packet" => {
                let size = value.as_small().filter(|n| matches!(n, 1 | 2 | 4)).ok_or(BadOption)?;
                self.options.framing = Framing::Packet(size as u8);
            }
            "line" => {
                let limit = value.as_usize().filter(|&n| n > 0 && value.is_small()).ok_or(BadOption)?;
                self.options.framing = Framing::Line(limit);
            }
            "cd" => self.around.cd = Some(bytes_of(value)?),
            "env" => self.around.env = environment(value)?,
            "args" => {
                let args = value.proper_list().ok_or(BadOption)?;
                self.args = Some(args.into_iter().map(bytes_of).collect::<Result<_, _>>()?);
            }
            "arg0" => self.arg0 = Some(bytes_of(value)?),
            "parallelism" => self.options.parallelism = value.as_bool().ok_or(BadOption)?,
            // Queues of ports are bounded by one limit for all.
            "busy_limits_port" | "busy_limits_msgq" => {
                let limits = value.as_tuple_of::<2>().map(|limits| limits.iter().all(|n| n.as_usize().is_some()));
                if value != am::disabled && limits != Some(true) {
                    return Err(BadOption);
                }
            }
            _ => return Err(BadOption),
        }
        Ok(())
    }
}

pub(super) fn open_port(cx: &mut Cx<'_>) -> Outcome {
    let [name, options] = cx.take();
    let Ok(asked) = Asked::of(options) else { return Ok(am::badopt) };
    let Some(owner) = Pid::of(cx.self_pid()) else { return Ok(am::badarg) };
    Ok(match open(name, asked, owner) {
        Ok(port) => port,
        Err(OpenError::BadArg) => am::badarg,
        Err(OpenError::Limit) => am::system_limit,
        Err(OpenError::Posix(number)) => Term::from_atom(Atom::known(glulam_vm::base::errno::name(number))),
    })
}

fn open(name: Term, asked: Asked, owner: Pid) -> Result<Term, OpenError> {
    if let Some([am::fd, input, output]) = name.as_tuple_of::<3>() {
        let number = |term: Term| term.as_small().and_then(|n| i32::try_from(n).ok()).filter(|&n| n >= 0);
        let (Some(input), Some(output)) = (number(input), number(output)) else { return Err(OpenError::BadArg) };
        asked.no_program()?;
        let driver = port::open_fd(input, output, &asked.options);
        return asked.finish(format!("{input}/{output}").into_bytes(), owner, driver);
    }
    if name.is_atom() || name.is_list() {
        let file = encode_name(name).filter(|file| !file.is_empty()).ok_or(OpenError::BadArg)?;
        asked.no_program()?;
        let driver = port::open_file(&file, &asked.options)?;
        return asked.finish(file, owner, driver);
    }
    let [kind, what] = name.as_tuple_of::<2>().ok_or(OpenError::BadArg)?;
    let what = encode_name(what).filter(|what| !what.is_empty()).ok_or(OpenError::BadArg)?;
    match kind {
        am::spawn | am::spawn_driver => {
            asked.no_program()?;
            let first = what.split(|&b| b == b' ').next().unwrap_or_default();
            if let Some(driver) = std::str::from_utf8(first).ok().and_then(|first| port::driver_named(first, &what)) {
                return asked.finish(what, owner, driver?);
            }
            if kind == am::spawn_driver {
                return Err(OpenError::BadArg);
            }
            let driver = port::spawn(Program::Shell(what.clone()), asked.around.clone(), &asked.options)?;
            asked.finish(what, owner, driver)
        }
        am::spawn_executable => {
            // The file itself, never one found on the search path.
            let file = if what.contains(&b'/') { what.clone() } else { [b"./", &what[..]].concat() };
            let program =
                Program::File { file, args: asked.args.clone().unwrap_or_default(), arg0: asked.arg0.clone() };
            let driver = port::spawn(program, asked.around.clone(), &asked.options)?;
            asked.finish(what, owner, driver)
        }
        _ => Err(OpenError::BadArg),
    }
}

impl Asked {
    /// Arguments are for `spawn_executable` only.
    fn no_program(&self) -> Result<(), OpenError> {
        if self.args.is_some() || self.arg0.is_some() { Err(OpenError::BadArg) } else { Ok(()) }
    }

    fn finish(self, name: Vec<u8>, owner: Pid, driver: Box<dyn port::Driver>) -> Result<Term, OpenError> {
        let port = port::open(name, owner, self.options, driver)?;
        Ok(port.id.term())
    }
}
