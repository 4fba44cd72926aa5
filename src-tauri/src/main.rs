//! The tray app of Sandglass. All it does is in the library of the same name.

// A window for the console would flash at each start on Windows.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::process::ExitCode;

fn main() -> ExitCode {
    sandglass_tray::main()
}
