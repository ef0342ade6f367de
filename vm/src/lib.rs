//! The glulam runtime.
