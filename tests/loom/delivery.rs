//! The inbox: each signal arrives once, a sender's in their order, none behind the receiver's end.

use loom::sync::Arc;
use loom::thread;

use crate::inbox::Inbox;
use crate::signal::{Parcel, Signal};

/// Two senders of two signals each while the receiver takes.
#[test]
fn signals_of_a_sender_keep_their_order() {
    loom::model(|| {
        let inbox = Arc::new(Inbox::default());
        let senders: Vec<_> = [10, 20]
            .map(|first| {
                let inbox = inbox.clone();
                thread::spawn(move || {
                    assert!(inbox.push_message(Parcel(first)));
                    assert!(inbox.push(Signal::Other(first + 1)).is_ok());
                })
            })
            .into();
        let mut seen: Vec<u32> = inbox.take().map(Signal::number).collect();
        senders.into_iter().for_each(|sender| sender.join().expect("a sender"));
        seen.extend(inbox.take().map(Signal::number));
        for sender in [[10, 11], [20, 21]] {
            let of_one: Vec<u32> = seen.iter().copied().filter(|number| number / 10 == sender[0] / 10).collect();
            assert_eq!(of_one, sender);
        }
        assert!(inbox.is_empty());
    });
}

/// A sender while the receiver ends: the signal is among those left, or goes back to its sender.
#[test]
fn nothing_is_lost_when_a_receiver_ends() {
    loom::model(|| {
        let inbox = Arc::new(Inbox::default());
        let sender = {
            let inbox = inbox.clone();
            thread::spawn(move || {
                [1, 2].map(|number| inbox.push(Signal::Other(number)).err().map(Signal::number))
            })
        };
        let left: Vec<u32> = inbox.close().map(Signal::number).collect();
        let returned = sender.join().expect("a sender");
        let mut all = left;
        all.extend(returned.into_iter().flatten());
        assert_eq!(all, [1, 2]);
        // Ended is for ever.
        assert!(!inbox.push_message(Parcel(3)));
    });
}
