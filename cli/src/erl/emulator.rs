//! The emulator's flags, read into the runtime's configuration. Faults are told in `erl`'s words.

use std::ffi::OsString;

use glulam_vm::base::filename::{self, Encoding, OnInvalid};
use glulam_vm::runtime::Config;
use glulam_vm::runtime::config::{OnInterrupt, TimeWarp, Warnings};

use crate::failure::Failure;

/// How file names are encoded.
#[derive(Debug)]
pub struct Names {
    pub encoding: Encoding,
    pub on_invalid: OnInvalid,
}

/// A fault, and how to go on from it.
fn bad(what: String) -> Failure {
    Failure::Erl(format!("{what}\nUsage: erl [flags] [ -- [init_args] ]"))
}

/// Reads flags that start with `-` (in place of `+`); values are attached or the next word.
pub fn apply(flags: &[OsString], config: &mut Config) -> Result<Names, Failure> {
    let mut names = Names { encoding: filename::of_locale(), on_invalid: OnInvalid::Warning };
    if let Some(ports) = std::env::var("ERL_MAX_PORTS").ok().and_then(|n| n.parse().ok()) {
        config.port_limit = ports;
    }
    if let Some(tables) = std::env::var("ERL_MAX_ETS_TABLES").ok().and_then(|n| n.parse().ok()) {
        config.ets_limit = tables;
    }
    if let Some(count) = std::env::var("ERL_FULLSWEEP_AFTER").ok().and_then(|n| n.parse().ok()) {
        config.fullsweep_after = count;
    }
    if let Some(seed) = super::seed() {
        config.seed = Some(seed_of(&seed)?);
    }
    let mut reader = Reader { flags: flags.iter().map(|flag| flag.to_string_lossy().into_owned()).collect(), at: 0 };
    while let Some(flag) = reader.next() {
        one(&flag[1..], &mut reader, config, &mut names)?;
    }
    if config.seed.is_some() {
        (config.schedulers, config.schedulers_online) = (1, 1);
    }
    Ok(names)
}

struct Reader {
    flags: Vec<String>,
    at: usize,
}

impl Reader {
    fn next(&mut self) -> Option<String> {
        let flag = self.flags.get(self.at).cloned();
        self.at += 1;
        flag
    }

    /// The value of a flag: what is attached to it, or the next word.
    fn value(&mut self, attached: &str) -> Result<String, Failure> {
        if !attached.is_empty() {
            return Ok(attached.into());
        }
        self.next().ok_or_else(|| bad("missing argument of a flag".into()))
    }
}

/// A number within a range, or the complaint.
fn number(value: &str, range: std::ops::RangeInclusive<usize>, complaint: &str) -> Result<usize, Failure> {
    let found = value.parse().ok().filter(|n| range.contains(n));
    found.ok_or_else(|| bad(format!("{complaint} {value}")))
}

/// The flags whose first word alone says what they are, longest first.
const NAMES: &[&str] = &[
    "SDPcpu", "SDcpu", "SDio", "SP", "S", "hmaxel", "hmaxk", "hmax", "hmbs", "hmqd", "hms", "hpds", "h", "fnu", "fnl",
    "fna", "fn", "pc", "zdbbl", "zdntgc", "zebwt", "zosrl", "rg", "spp",
    "zseed",
];

fn one(flag: &str, reader: &mut Reader, config: &mut Config, names: &mut Names) -> Result<(), Failure> {
    if let Some(name) = NAMES.iter().find(|name| flag.starts_with(**name)) {
        let attached = &flag[name.len()..];
        return long(name, attached, reader, config, names);
    }
    let (letter, attached) = flag.split_at_checked(1).unwrap_or((flag, ""));
    match letter {
        "P" => {
            let value = reader.value(attached)?;
            config.process_limit = if value == "legacy" {
                1 << 18
            } else {
                number(&value, 1024..=134_217_727, "bad number of processes")?.next_power_of_two()
            };
        }
        "Q" => {
            let value = reader.value(attached)?;
            config.port_limit = if value == "legacy" {
                65_536
            } else {
                number(&value, 1024..=134_217_727, "bad number of ports")?.next_power_of_two()
            };
        }
        "t" => config.atom_limit = number(&reader.value(attached)?, 8192..=33_554_432, "bad atom table size")?,
        "e" => config.ets_limit = number(&reader.value(attached)?, 0..=usize::MAX, "bad number of ETS tables")?,
        "A" => {
            let value = reader.value(attached)?;
            config.async_threads = number(&value, 0..=1024, "bad number of async threads")?.max(1);
        }
        "a" => drop(number(&reader.value(attached)?, 16..=8192, "bad stack size for async threads")?),
        "B" => {
            let value = if attached.is_empty() {
                reader.flags.get(reader.at).filter(|next| matches!(next.as_str(), "i" | "c" | "d")).cloned()
            } else {
                Some(attached.to_string())
            };
            if attached.is_empty() && value.is_some() {
                reader.at += 1;
            }
            config.on_interrupt = match value.as_deref() {
                Some("i") => OnInterrupt::Ignore,
                Some("c") => OnInterrupt::Character,
                _ => OnInterrupt::End,
            };
        }
        "c" => {
            let value = match attached {
                "" => reader.flags.get(reader.at).filter(|next| matches!(next.as_str(), "true" | "false")).cloned(),
                attached => Some(attached.to_string()),
            };
            if attached.is_empty() && value.is_some() {
                reader.at += 1;
            }
            config.time_correction = value.as_deref() == Some("true");
        }
        "C" => {
            config.time_warp = match reader.value(attached)?.as_str() {
                "no_time_warp" => TimeWarp::No,
                "single_time_warp" => TimeWarp::Single,
                "multi_time_warp" => TimeWarp::Multi,
                other => return Err(bad(format!("Invalid time warp mode: {other}"))),
            };
        }
        "W" => {
            config.warnings = match reader.value(attached)?.as_str() {
                "i" => Warnings::Info,
                "w" => Warnings::Warning,
                "e" => Warnings::Error,
                other => return Err(bad(format!("unrecognized warning_map option {other}"))),
            };
        }
        "R" => {
            let _ = number(&reader.value(attached)?, 23..=25, "bad compatibility release number")?;
        }
        "T" => drop(number(&reader.value(attached)?, 0..=9, "bad modified timing level")?),
        // Kernel polling, allocators, polling threads, the JIT: nothing to choose from here.
        "K" | "i" | "n" | "I" => drop(reader.value(attached)?),
        "J" => drop(reader.next()),
        "M" if takes_next(attached) => drop(reader.next()),
        "M" => {}
        "s" => scheduling(attached, reader)?,
        "d" => config.core_dump = false,
        "V" | "v" | "l" | "r" | "D" => {}
        _ => return Err(bad(format!("glulam unknown flag -{flag}"))),
    }
    Ok(())
}

/// Allocator options take the next word unless their value is attached.
fn takes_next(option: &str) -> bool {
    option.len() >= 2 && !option.contains(|c: char| c.is_ascii_digit())
}

fn long(
    name: &str,
    attached: &str,
    reader: &mut Reader,
    config: &mut Config,
    names: &mut Names,
) -> Result<(), Failure> {
    match name {
        "S" => {
            let (total, online) = pair(&reader.value(attached)?, config.schedulers, config.schedulers_online, "")?;
            (config.schedulers, config.schedulers_online) = (total, online);
            config.dirty_cpu = config.dirty_cpu.min(total);
            config.dirty_cpu_online = config.dirty_cpu_online.min(online);
        }
        "SDcpu" => {
            let value = reader.value(attached)?;
            let (total, online) = pair(&value, config.dirty_cpu, config.dirty_cpu_online, "dirty CPU ")?;
            (config.dirty_cpu, config.dirty_cpu_online) = (total, online);
        }
        "SP" => {
            let cores = config.schedulers;
            (config.schedulers, config.schedulers_online) = percent(&reader.value(attached)?, cores)?;
        }
        "SDPcpu" => {
            let cores = config.dirty_cpu;
            (config.dirty_cpu, config.dirty_cpu_online) = percent(&reader.value(attached)?, cores)?;
        }
        "SDio" => {
            config.dirty_io = number(&reader.value(attached)?, 1..=1024, "bad number of dirty I/O schedulers")?;
        }
        "h" | "hms" => config.min_heap_size = number(&reader.value(attached)?, 1..=1 << 40, "bad heap size")?,
        "hmbs" => config.min_bin_vheap_size = number(&reader.value(attached)?, 1..=1 << 40, "bad heap size")?,
        "hpds" => drop(number(&reader.value(attached)?, 1..=1 << 30, "bad initial process dictionary size")?),
        "hmax" => config.max_heap_size = number(&reader.value(attached)?, 0..=1 << 40, "bad max heap size")?,
        "hmaxk" => config.max_heap_kill = boolean(&reader.value(attached)?, "bad max heap kill")?,
        "hmaxel" => config.max_heap_log = boolean(&reader.value(attached)?, "bad max heap error logger")?,
        "hmqd" => {
            config.off_heap_messages = match reader.value(attached)?.as_str() {
                "off_heap" => true,
                "on_heap" => false,
                other => return Err(bad(format!("Invalid message_queue_data flag: {other}"))),
            };
        }
        "pc" => {
            config.printable_unicode = match reader.value(attached)?.as_str() {
                "unicode" => true,
                "latin1" => false,
                other => return Err(bad(format!("bad range of printable characters: {other}"))),
            };
        }
        "fnl" | "fnu" | "fna" | "fn" => {
            names.encoding = match name {
                "fnl" => Encoding::Latin1,
                "fnu" => Encoding::Utf8,
                "fna" => filename::of_locale(),
                _ => return Err(bad(bad_encoding(attached))),
            };
            names.on_invalid = match attached {
                "" | "w" => OnInvalid::Warning,
                "i" => OnInvalid::Ignore,
                "e" => OnInvalid::Error,
                other => return Err(bad(bad_encoding(other))),
            };
        }
        "zdbbl" => {
            let kilobytes = number(&reader.value(attached)?, 1..=2_097_151, "Invalid dist buffer busy limit:")?;
            config.dist_busy_limit = kilobytes << 10;
        }
        "zdntgc" => {
            let seconds = number(&reader.value(attached)?, 0..=100_000_000, "Invalid delayed node table gc:")?;
            config.delayed_node_table_gc = seconds as u64;
        }
        "zosrl" => {
            let value = reader.value(attached)?;
            let _ = number(&value, 1..=134_217_727, "Invalid outstanding system requests limit:")?;
        }
        "zseed" => {
            config.seed = Some(seed_of(&reader.value(attached)?)?);
        }
        "spp" => config.port_parallelism = boolean(&reader.value(attached)?, "bad port parallelism")?,
        _ => drop(reader.value(attached)?),
    }
    Ok(())
}

fn seed_of(value: &str) -> Result<u64, Failure> {
    value.parse().map_err(|_| bad(format!("bad seed {value}")))
}

fn bad_encoding(given: &str) -> String {
    format!("bad filename encoding {given}, can be (l,u or a, optionally followed by w, i or e)")
}

fn boolean(value: &str, complaint: &str) -> Result<bool, Failure> {
    match value {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(bad(format!("{complaint} {value}"))),
    }
}

/// `Total:Online`, either left out; 0 and negative numbers count from the default.
fn pair(value: &str, total: usize, online: usize, kind: &str) -> Result<(usize, usize), Failure> {
    let (first, second) = value.split_once(':').unwrap_or((value, ""));
    let count = |text: &str, default: usize, what: &str| -> Result<usize, Failure> {
        let complain = || bad(format!("bad amount of {kind}schedulers{what} {text}"));
        let n: i64 = text.parse().map_err(|_| complain())?;
        let n = if n <= 0 { default as i64 + n } else { n };
        usize::try_from(n).ok().filter(|n| (1..=1024).contains(n)).ok_or_else(complain)
    };
    let total = if first.is_empty() { total } else { count(first, total, "")? };
    let online = match second {
        "" if first.is_empty() => online,
        "" => total,
        second => count(second, online, " online")?,
    };
    if online > total {
        return Err(bad(format!("bad amount of {kind}schedulers online {online} (total amount of schedulers {total})")));
    }
    Ok((total, online))
}

/// Percentages of the cores: `50:25`.
fn percent(value: &str, cores: usize) -> Result<(usize, usize), Failure> {
    let (first, second) = value.split_once(':').unwrap_or((value, ""));
    let of = |text: &str| -> Result<usize, Failure> {
        let percent: usize = if text.is_empty() {
            100
        } else {
            number(text, 1..=100_000, "bad schedulers percentage values:")?
        };
        Ok((cores * percent / 100).clamp(1, 1024))
    };
    let total = of(first)?;
    Ok((total, of(if second.is_empty() { first } else { second })?.min(total)))
}

/// Options of scheduling: waiting, binding and balancing are the operating system's here. They are
/// checked by name.
fn scheduling(option: &str, reader: &mut Reader) -> Result<(), Failure> {
    const KNOWN: &[&str] = &[
        "bwtdcpu", "bwtdio", "bwt", "cl", "ct", "ecio", "fwi", "tbt", "wct", "wtdcpu", "wtdio", "wt", "ws", "ssdcpu",
        "ssdio", "ss", "ub", "bt",
    ];
    let Some(name) = KNOWN.iter().find(|name| option.starts_with(**name)) else {
        return Err(bad(format!("bad scheduling option -s{option}")));
    };
    let value = reader.value(&option[name.len()..])?;
    if matches!(*name, "bt" | "tbt") {
        const TYPES: &[&str] = &["u", "ns", "ts", "ps", "s", "nnts", "nnps", "tnnps", "db"];
        if !TYPES.contains(&value.as_str()) {
            return Err(bad(format!("setting scheduler bind type '{value}' failed: invalid type")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Config, String> {
        let mut config = Config::new("/".into(), "/".into(), &[]);
        let flags: Vec<OsString> = text.split_whitespace().map(OsString::from).collect();
        apply(&flags, &mut config).map(|_| config).map_err(|e| e.to_string())
    }

    #[test]
    fn common_flags() {
        let config = read("-S 4:2 -SDio 3 -P 4096 -A0 -sbtu -t 10000 -Bd -pc unicode -hms 610 -MBas aobf").unwrap();
        assert_eq!((config.schedulers, config.schedulers_online, config.dirty_io), (4, 2, 3));
        assert_eq!((config.process_limit, config.atom_limit, config.min_heap_size), (4096, 10_000, 610));
        assert!(config.printable_unicode);
        let seeded = read("-zseed 7 -S 4").unwrap();
        assert_eq!((seeded.seed, seeded.schedulers), (Some(7), 1));
    }

    #[test]
    fn complaints() {
        let first = |text| read(text).err().unwrap().lines().next().unwrap().to_string();
        assert_eq!(first("-foo"), "glulam unknown flag -foo");
        assert_eq!(first("-P 5"), "bad number of processes 5");
        assert_eq!(first("-S 2:3"), "bad amount of schedulers online 3 (total amount of schedulers 2)");
        assert_eq!(first("-sfoo"), "bad scheduling option -sfoo");
    }
}
