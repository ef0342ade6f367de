//! Dates and times of day: universal time by arithmetic, local time by the C library.

use super::sync::Mutex;

/// Year, month, day, hour, minute, second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateTime {
    pub year: i64,
    pub month: i64,
    pub day: i64,
    pub hour: i64,
    pub minute: i64,
    pub second: i64,
}

const DAY: i64 = 86_400;

/// Years that conversions from dates accept.
const YEARS_OF_POSIX: std::ops::RangeInclusive<i64> = 1600..=i32::MAX as i64 - 1;
const YEARS_OF_LOCAL: std::ops::RangeInclusive<i64> = 1902..=i32::MAX as i64 - 1;

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl DateTime {
    fn is_valid(&self, years: std::ops::RangeInclusive<i64>) -> bool {
        years.contains(&self.year)
            && (1..=12).contains(&self.month)
            && (1..=days_in(self.year, self.month)).contains(&self.day)
            && (0..24).contains(&self.hour)
            && (0..60).contains(&self.minute)
            && (0..60).contains(&self.second)
    }

    /// Seconds since 1970.
    fn seconds(&self) -> i64 {
        // Years that start in March: the leap day is the last.
        let (year, month) = if self.month > 2 { (self.year, self.month - 3) } else { (self.year - 1, self.month + 9) };
        let days = 365 * year + year / 4 - year / 100 + year / 400 + (month * 306 + 5) / 10 + self.day - 1;
        (days - 719_468) * DAY + self.hour * 3600 + self.minute * 60 + self.second
    }

    /// The universal time that many seconds after 1970. Before the year 0 the dates are only
    /// consistent with themselves.
    pub fn of_posix(seconds: i64) -> DateTime {
        let (mut days, mut rest) = (seconds / DAY, seconds % DAY);
        if rest < 0 {
            days -= 1;
            rest += DAY;
        }
        days += 719_468;
        let before = |year: i64| 365 * year + year / 4 - year / 100 + year / 400;
        let mut year = ((10_000 * i128::from(days) + 14_780) / 3_652_425) as i64;
        let mut day = days - before(year);
        if day < 0 {
            year -= 1;
            day = days - before(year);
        }
        let month = (100 * day + 52) / 3060;
        DateTime {
            year: year + (month + 2) / 12,
            month: (month + 2) % 12 + 1,
            day: day - (month * 306 + 5) / 10 + 1,
            hour: rest / 3600,
            minute: rest % 3600 / 60,
            second: rest % 60,
        }
    }

    /// Seconds since 1970 of a universal time.
    pub fn posix(&self) -> Option<i64> {
        self.is_valid(YEARS_OF_POSIX).then(|| self.seconds())
    }

    /// The local time that many seconds after 1970.
    pub fn local_of_posix(seconds: i64) -> Option<DateTime> {
        // SAFETY: plain numbers, which the call fills in.
        let mut tm: libc::tm = unsafe { std::mem::zeroed() };
        let _guard = C_TIME.lock();
        // SAFETY: both outlive the call.
        let found = unsafe { libc::localtime_r(&seconds, &mut tm) };
        (!found.is_null()).then(|| DateTime::of_tm(&tm))
    }

    /// The local time of a universal time.
    pub fn to_local(&self) -> Option<DateTime> {
        self.is_valid(YEARS_OF_LOCAL).then(|| self.seconds()).and_then(DateTime::local_of_posix)
    }

    /// The universal time of a local time. `summer` says which of two it is where clocks go back.
    pub fn to_universal(&self, summer: Option<bool>) -> Option<DateTime> {
        if !self.is_valid(YEARS_OF_LOCAL) {
            return None;
        }
        let dst = summer.map_or(-1, i32::from);
        let seconds = self.mktime(dst).or_else(|| if dst != 0 { self.mktime(0) } else { None })?;
        Some(DateTime::of_posix(seconds))
    }

    fn mktime(&self, dst: i32) -> Option<i64> {
        // SAFETY: plain numbers.
        let mut tm: libc::tm = unsafe { std::mem::zeroed() };
        tm.tm_year = (self.year - 1900) as i32;
        tm.tm_mon = self.month as i32 - 1;
        tm.tm_mday = self.day as i32;
        tm.tm_hour = self.hour as i32;
        tm.tm_min = self.minute as i32;
        tm.tm_sec = self.second as i32;
        tm.tm_isdst = dst;
        tm.tm_wday = -1;
        let _guard = C_TIME.lock();
        // SAFETY: outlives the call.
        let seconds = unsafe { libc::mktime(&mut tm) };
        // -1 is a time, too: a real failure leaves the day of the week alone.
        (seconds != -1 || tm.tm_wday != -1).then_some(seconds)
    }

    fn of_tm(tm: &libc::tm) -> DateTime {
        DateTime {
            year: i64::from(tm.tm_year) + 1900,
            month: i64::from(tm.tm_mon) + 1,
            day: tm.tm_mday.into(),
            hour: tm.tm_hour.into(),
            minute: tm.tm_min.into(),
            second: tm.tm_sec.into(),
        }
    }
}

/// The C library's zone data are shared.
static C_TIME: Mutex<()> = Mutex::new(());

/// Seconds since 1970, now.
pub fn now() -> i64 {
    match std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH) {
        Ok(d) => d.as_secs() as i64,
        Err(e) => -(e.duration().as_secs() as i64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for seconds in [0, -1, 951_782_400, 1_700_000_000, -11_676_096_000, 4_102_444_799] {
            assert_eq!(DateTime::of_posix(seconds).posix(), Some(seconds));
        }
        let ancient = DateTime::of_posix(-100_000_000_000);
        assert_eq!((ancient.year, ancient.month, ancient.day), (-1199, 2, 15));
        assert_eq!(DateTime { year: 2021, month: 2, day: 29, hour: 0, minute: 0, second: 0 }.posix(), None);
    }
}
