//! The options that there are.

use glulam_vm::port::socket::constant as c;

/// What a value is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Form {
    Bool,
    Int,
    Domain,
    Type,
    Protocol,
    Linger,
    /// The name of a device, with its 0.
    Device,
    /// A text, without its 0.
    Text,
    Membership,
    Membership6,
    Source,
    SourceFilter,
    MtuDiscover,
    Interface,
    PacketOptions,
    Tos,
    Hops,
    Associnfo,
    Events,
    Initmsg,
    Rtoinfo,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Use {
    Both,
    Set,
    Get,
}

pub(crate) struct Opt {
    pub name: &'static str,
    pub number: i32,
    pub form: Form,
    pub used: Use,
}

pub(crate) struct Level {
    pub number: i32,
    pub options: &'static [Opt],
    pub unsupported: &'static [&'static str],
}

const fn both(name: &'static str, number: i32, form: Form) -> Opt {
    Opt { name, number, form, used: Use::Both }
}

const fn set(name: &'static str, number: i32, form: Form) -> Opt {
    Opt { name, number, form, used: Use::Set }
}

const fn get(name: &'static str, number: i32, form: Form) -> Opt {
    Opt { name, number, form, used: Use::Get }
}

pub(crate) const LEVELS: [Level; 6] = [
    Level {
        number: c::SOL_SOCKET,
        options: &[
            both("acceptconn", c::SO_ACCEPTCONN, Form::Bool),
            both("bindtodevice", c::SO_BINDTODEVICE, Form::Device),
            both("broadcast", c::SO_BROADCAST, Form::Bool),
            both("debug", c::SO_DEBUG, Form::Int),
            get("domain", c::SO_DOMAIN, Form::Domain),
            both("dontroute", c::SO_DONTROUTE, Form::Bool),
            both("keepalive", c::SO_KEEPALIVE, Form::Bool),
            both("linger", c::SO_LINGER, Form::Linger),
            both("oobinline", c::SO_OOBINLINE, Form::Bool),
            both("passcred", c::SO_PASSCRED, Form::Bool),
            both("peek_off", c::SO_PEEK_OFF, Form::Int),
            both("priority", c::SO_PRIORITY, Form::Int),
            get("protocol", c::SO_PROTOCOL, Form::Protocol),
            both("rcvbuf", c::SO_RCVBUF, Form::Int),
            both("rcvlowat", c::SO_RCVLOWAT, Form::Int),
            both("reuseaddr", c::SO_REUSEADDR, Form::Bool),
            both("reuseport", c::SO_REUSEPORT, Form::Bool),
            both("sndbuf", c::SO_SNDBUF, Form::Int),
            both("sndlowat", c::SO_SNDLOWAT, Form::Int),
            both("timestamp", c::SO_TIMESTAMP, Form::Bool),
            get("type", c::SO_TYPE, Form::Type),
        ],
        unsupported: &[
            "acceptfilter", "busy_poll", "error", "mark", "peercred", "rcvbufforce", "rcvtimeo", "rxq_ovfl", "setfib",
            "sndbufforce", "sndtimeo",
        ],
    },
    Level {
        number: c::IPPROTO_IP,
        options: &[
            set("add_membership", c::IP_ADD_MEMBERSHIP, Form::Membership),
            set("add_source_membership", c::IP_ADD_SOURCE_MEMBERSHIP, Form::Source),
            set("block_source", c::IP_BLOCK_SOURCE, Form::Source),
            set("drop_membership", c::IP_DROP_MEMBERSHIP, Form::Membership),
            set("drop_source_membership", c::IP_DROP_SOURCE_MEMBERSHIP, Form::Source),
            both("freebind", c::IP_FREEBIND, Form::Bool),
            both("hdrincl", c::IP_HDRINCL, Form::Bool),
            both("minttl", c::IP_MINTTL, Form::Int),
            set("msfilter", IP_MSFILTER, Form::SourceFilter),
            get("mtu", c::IP_MTU, Form::Int),
            both("mtu_discover", c::IP_MTU_DISCOVER, Form::MtuDiscover),
            both("multicast_all", c::IP_MULTICAST_ALL, Form::Bool),
            both("multicast_if", c::IP_MULTICAST_IF, Form::Interface),
            both("multicast_loop", c::IP_MULTICAST_LOOP, Form::Bool),
            both("multicast_ttl", c::IP_MULTICAST_TTL, Form::Int),
            both("nodefrag", c::IP_NODEFRAG, Form::Bool),
            both("pktinfo", c::IP_PKTINFO, Form::Bool),
            get("pktoptions", c::IP_PKTOPTIONS, Form::PacketOptions),
            both("recverr", c::IP_RECVERR, Form::Bool),
            both("recvopts", c::IP_RECVOPTS, Form::Bool),
            both("recvorigdstaddr", c::IP_RECVORIGDSTADDR, Form::Bool),
            both("recvtos", c::IP_RECVTOS, Form::Bool),
            both("recvttl", c::IP_RECVTTL, Form::Bool),
            both("retopts", c::IP_RETOPTS, Form::Bool),
            both("router_alert", c::IP_ROUTER_ALERT, Form::Int),
            both("tos", c::IP_TOS, Form::Tos),
            both("transparent", c::IP_TRANSPARENT, Form::Bool),
            both("ttl", c::IP_TTL, Form::Int),
            set("unblock_source", c::IP_UNBLOCK_SOURCE, Form::Source),
        ],
        unsupported: &["dontfrag", "options", "recvdstaddr", "recvif", "sendsrcaddr"],
    },
    Level {
        number: c::IPPROTO_IPV6,
        options: &[
            set("add_membership", c::IPV6_ADD_MEMBERSHIP, Form::Membership6),
            set("addrform", c::IPV6_ADDRFORM, Form::Domain),
            both("authhdr", c::IPV6_AUTHHDR, Form::Bool),
            set("drop_membership", c::IPV6_DROP_MEMBERSHIP, Form::Membership6),
            both("dstopts", c::IPV6_DSTOPTS, Form::Bool),
            both("flowinfo", c::IPV6_FLOWINFO, Form::Bool),
            both("hoplimit", c::IPV6_HOPLIMIT, Form::Bool),
            both("hopopts", c::IPV6_HOPOPTS, Form::Bool),
            both("mtu", c::IPV6_MTU, Form::Int),
            both("mtu_discover", c::IPV6_MTU_DISCOVER, Form::MtuDiscover),
            both("multicast_hops", c::IPV6_MULTICAST_HOPS, Form::Hops),
            both("multicast_if", c::IPV6_MULTICAST_IF, Form::Int),
            both("multicast_loop", c::IPV6_MULTICAST_LOOP, Form::Bool),
            both("recverr", c::IPV6_RECVERR, Form::Bool),
            both("recvhoplimit", c::IPV6_RECVHOPLIMIT, Form::Bool),
            both("recvpktinfo", c::IPV6_RECVPKTINFO, Form::Bool),
            both("recvtclass", c::IPV6_RECVTCLASS, Form::Bool),
            both("router_alert", c::IPV6_ROUTER_ALERT, Form::Int),
            both("rthdr", c::IPV6_RTHDR, Form::Bool),
            both("tclass", c::IPV6_TCLASS, Form::Int),
            both("unicast_hops", c::IPV6_UNICAST_HOPS, Form::Hops),
            both("v6only", c::IPV6_V6ONLY, Form::Bool),
        ],
        unsupported: &[
            "auth_level", "checksum", "esp_network_level", "esp_trans_level", "faith", "ipcomp_level", "join_group",
            "leave_group", "pktoptions", "portrange", "use_min_mtu",
        ],
    },
    Level {
        number: c::IPPROTO_SCTP,
        options: &[
            both("associnfo", 1, Form::Associnfo),
            both("autoclose", 4, Form::Int),
            both("disable_fragments", 8, Form::Bool),
            set("events", 11, Form::Events),
            both("initmsg", 2, Form::Initmsg),
            both("maxseg", 13, Form::Int),
            both("nodelay", 3, Form::Bool),
            both("rtoinfo", 0, Form::Rtoinfo),
        ],
        unsupported: &[
            "adaption_layer", "auth_active_key", "auth_chunk", "auth_delete_key", "auth_key", "context",
            "default_send_params", "delayed_ack_time", "explicit_eor", "fragment_interleave", "get_peer_addr_info",
            "hmac_ident", "i_want_mapped_v4_addr", "local_auth_chunks", "maxburst", "partial_delivery_point",
            "peer_addr_params", "peer_auth_chunks", "primary_addr", "reset_streams", "set_peer_primary_addr", "status",
            "use_ext_recvinfo",
        ],
    },
    Level {
        number: c::IPPROTO_TCP,
        options: &[
            both("congestion", c::TCP_CONGESTION, Form::Text),
            both("cork", c::TCP_CORK, Form::Bool),
            both("maxseg", c::TCP_MAXSEG, Form::Int),
            both("nodelay", c::TCP_NODELAY, Form::Bool),
        ],
        unsupported: &[
            "info", "keepcnt", "keepidle", "keepintvl", "md5sig", "noopt", "nopush", "syncnt", "user_timeout",
        ],
    },
    Level {
        number: c::IPPROTO_UDP,
        options: &[both("cork", c::UDP_CORK, Form::Bool)],
        unsupported: &[],
    },
];

/// The C library's number, which its Rust face leaves out.
const IP_MSFILTER: i32 = 41;

/// The option with these numbers.
pub(super) fn find(level: i32, number: i32) -> Option<&'static Opt> {
    let level = LEVELS.iter().find(|of| of.number == level)?;
    level.options.iter().find(|option| option.number == number)
}
