//! The names Erlang gives to the operating system's error numbers.

macro_rules! names {
    ($($number:ident $name:literal;)*) => { &[$((libc::$number, $name)),*] };
}

/// What every Unix has.
const COMMON: &[(i32, &str)] = names! {
    E2BIG "e2big"; EACCES "eacces"; EADDRINUSE "eaddrinuse"; EADDRNOTAVAIL "eaddrnotavail";
    EAFNOSUPPORT "eafnosupport"; EAGAIN "eagain"; EALREADY "ealready"; EBADF "ebadf";
    EBADMSG "ebadmsg"; EBUSY "ebusy"; ECHILD "echild"; ECONNABORTED "econnaborted";
    ECONNREFUSED "econnrefused"; ECONNRESET "econnreset"; EDEADLK "edeadlk";
    EDESTADDRREQ "edestaddrreq"; EDOM "edom"; EDQUOT "edquot"; EEXIST "eexist"; EFAULT "efault";
    EFBIG "efbig"; EHOSTDOWN "ehostdown"; EHOSTUNREACH "ehostunreach"; EIDRM "eidrm";
    EILSEQ "eilseq"; EINPROGRESS "einprogress"; EINTR "eintr"; EINVAL "einval"; EIO "eio";
    EISCONN "eisconn"; EISDIR "eisdir"; ELOOP "eloop"; EMFILE "emfile"; EMLINK "emlink";
    EMSGSIZE "emsgsize"; EMULTIHOP "emultihop"; ENAMETOOLONG "enametoolong"; ENETDOWN "enetdown";
    ENETRESET "enetreset"; ENETUNREACH "enetunreach"; ENFILE "enfile"; ENOBUFS "enobufs";
    ENODEV "enodev"; ENOENT "enoent"; ENOEXEC "enoexec"; ENOLCK "enolck"; ENOLINK "enolink";
    ENOMEM "enomem"; ENOMSG "enomsg"; ENOPROTOOPT "enoprotoopt"; ENOSPC "enospc"; ENOSYS "enosys";
    ENOTBLK "enotblk"; ENOTCONN "enotconn"; ENOTDIR "enotdir"; ENOTEMPTY "enotempty";
    ENOTSOCK "enotsock"; ENOTTY "enotty"; ENXIO "enxio"; EOVERFLOW "eoverflow"; EPERM "eperm";
    EPFNOSUPPORT "epfnosupport"; EPIPE "epipe"; EPROTO "eproto"; EPROTONOSUPPORT "eprotonosupport";
    EPROTOTYPE "eprototype"; ERANGE "erange"; EREMOTE "eremote"; EROFS "erofs";
    ESHUTDOWN "eshutdown"; ESOCKTNOSUPPORT "esocktnosupport"; ESPIPE "espipe"; ESRCH "esrch";
    ESTALE "estale"; ETIMEDOUT "etimedout"; ETOOMANYREFS "etoomanyrefs"; ETXTBSY "etxtbsy";
    EUSERS "eusers"; EXDEV "exdev";
};

/// What Linux has besides.
#[cfg(target_os = "linux")]
const MORE: &[(i32, &str)] = names! {
    EADV "eadv"; EBADE "ebade"; EBADFD "ebadfd"; EBADR "ebadr"; EBADRQC "ebadrqc";
    EBADSLT "ebadslt"; EBFONT "ebfont"; ECHRNG "echrng"; ECOMM "ecomm"; EDOTDOT "edotdot";
    EISNAM "eisnam"; EL2HLT "el2hlt"; EL2NSYNC "el2nsync"; EL3HLT "el3hlt"; EL3RST "el3rst";
    ELIBACC "elibacc"; ELIBBAD "elibbad"; ELIBEXEC "elibexec"; ELIBMAX "elibmax";
    ELIBSCN "elibscn"; ELNRNG "elnrng"; ENAVAIL "enavail"; ENOANO "enoano"; ENOCSI "enocsi";
    ENODATA "enodata"; ENONET "enonet"; ENOPKG "enopkg"; ENOSR "enosr"; ENOSTR "enostr";
    ENOTNAM "enotnam"; ENOTUNIQ "enotuniq"; EREMCHG "eremchg"; EREMOTEIO "eremoteio";
    ESRMNT "esrmnt"; ETIME "etime"; EUCLEAN "euclean"; EUNATCH "eunatch"; EXFULL "exfull";
};
#[cfg(not(target_os = "linux"))]
const MORE: &[(i32, &str)] = &[];

/// `ENOTSUP` and `EOPNOTSUPP` are one number on Linux, and two elsewhere.
const UNSUPPORTED: &[(i32, &str)] = &[(libc::ENOTSUP, "enotsup"), (libc::EOPNOTSUPP, "eopnotsupp")];

/// The name of an error number: `enoent`, or `unknown`.
pub fn name(number: i32) -> &'static str {
    [COMMON, MORE, UNSUPPORTED]
        .iter()
        .flat_map(|rows| rows.iter())
        .find(|row| row.0 == number)
        .map_or("unknown", |row| row.1)
}

/// The error number of a failed call of the standard library's.
pub fn of(error: &std::io::Error) -> i32 {
    error.raw_os_error().unwrap_or(libc::EIO)
}

#[cfg(test)]
mod tests {
    #[test]
    fn names() {
        assert_eq!(super::name(libc::ENOENT), "enoent");
        assert_eq!(super::name(libc::ENOTSUP), "enotsup");
        assert_eq!(super::name(12345), "unknown");
    }
}
