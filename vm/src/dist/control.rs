//! The numbers that control messages begin with.

pub const LINK: i64 = 1;
pub const SEND: i64 = 2;
pub const EXIT: i64 = 3;
pub const UNLINK: i64 = 4;
pub const REG_SEND: i64 = 6;
pub const GROUP_LEADER: i64 = 7;
pub const EXIT2: i64 = 8;
pub const SEND_TT: i64 = 12;
pub const EXIT_TT: i64 = 13;
pub const REG_SEND_TT: i64 = 16;
pub const EXIT2_TT: i64 = 18;
pub const MONITOR_P: i64 = 19;
pub const DEMONITOR_P: i64 = 20;
pub const MONITOR_P_EXIT: i64 = 21;
pub const SEND_SENDER: i64 = 22;
pub const SEND_SENDER_TT: i64 = 23;
pub const PAYLOAD_EXIT: i64 = 24;
pub const PAYLOAD_EXIT_TT: i64 = 25;
pub const PAYLOAD_EXIT2: i64 = 26;
pub const PAYLOAD_EXIT2_TT: i64 = 27;
pub const PAYLOAD_MONITOR_P_EXIT: i64 = 28;
pub const SPAWN_REQUEST: i64 = 29;
pub const SPAWN_REQUEST_TT: i64 = 30;
pub const SPAWN_REPLY: i64 = 31;
pub const SPAWN_REPLY_TT: i64 = 32;
pub const ALIAS_SEND: i64 = 33;
pub const ALIAS_SEND_TT: i64 = 34;
pub const UNLINK_ID: i64 = 35;
pub const UNLINK_ID_ACK: i64 = 36;

/// In a spawn reply: the child is linked, is monitored.
pub const SPAWNED_LINK: i64 = 1;
pub const SPAWNED_MONITOR: i64 = 2;
