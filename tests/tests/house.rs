//! The house stands as ARCHITECTURE.md draws it.

#![cfg(target_os = "linux")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

/// Files longer than this hold more than one idea.
const LONGEST_FILE: usize = 520;

/// Who may know whom.
const ARROWS: [(&str, &[&str]); 9] = [
    ("sandglass-core", &[]),
    ("sandglass-protocol", &["sandglass-core"]),
    ("sandglass-profiles", &["sandglass-core"]),
    ("sandglass-aws", &["sandglass-core"]),
    ("sandglass-vault", &["sandglass-core"]),
    (
        "sandglass-agent",
        &[
            "sandglass-aws",
            "sandglass-core",
            "sandglass-profiles",
            "sandglass-protocol",
            "sandglass-vault",
        ],
    ),
    ("sandglass-cli", &["sandglass-core", "sandglass-protocol"]),
    ("sandglass-tray", &["sandglass-core", "sandglass-protocol"]),
    ("sandglass-sandbox", &[]),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .map(Path::to_path_buf)
        .unwrap_or_default()
}

fn metadata() -> Result<Value> {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["metadata", "--format-version=1", "--offline"])
        .current_dir(root())
        .output()
        .context("failed to run cargo")?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// The packages of the workspace and what each is built with, tests aside.
fn dependencies() -> Result<BTreeMap<String, BTreeSet<String>>> {
    let metadata = metadata()?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let members: BTreeSet<String> = metadata["workspace_members"]
        .as_array()
        .context("no members")?
        .iter()
        .map(text)
        .collect();
    let packages = metadata["packages"].as_array().context("no packages")?;
    let built_with = |package: &Value| {
        package["dependencies"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|dependency| dependency["kind"] != "dev")
            .map(|dependency| text(&dependency["name"]))
            .collect()
    };
    Ok(packages
        .iter()
        .filter(|package| members.contains(&text(&package["id"])))
        .map(|package| (text(&package["name"]), built_with(package)))
        .collect())
}

#[test]
fn no_crate_knows_another_that_it_may_not_know() -> Result<()> {
    let dependencies = dependencies()?;
    for (name, allowed) in ARROWS {
        let known = dependencies
            .get(name)
            .with_context(|| format!("there is no crate `{name}`"))?;
        let ours: BTreeSet<&str> = known
            .iter()
            .map(String::as_str)
            .filter(|other| other.starts_with("sandglass-"))
            .collect();
        let allowed: BTreeSet<&str> = allowed.iter().copied().collect();
        assert!(
            ours.is_subset(&allowed),
            "`{name}` knows {ours:?}, and may know {allowed:?}"
        );
    }
    let drawn: BTreeSet<&str> = ARROWS.iter().map(|(name, _)| *name).collect();
    for name in dependencies
        .keys()
        .filter(|name| *name != "sandglass-journeys")
    {
        assert!(
            drawn.contains(name.as_str()),
            "`{name}` is not in the drawing"
        );
    }
    Ok(())
}

#[test]
fn only_the_agent_s_side_links_the_aws_sdk_and_core_links_no_runtime() -> Result<()> {
    let dependencies = dependencies()?;
    let knows = |name: &str, prefix: &str| {
        dependencies[name]
            .iter()
            .any(|other| other.starts_with(prefix))
    };
    for name in [
        "sandglass-tray",
        "sandglass-cli",
        "sandglass-protocol",
        "sandglass-core",
    ] {
        assert!(!knows(name, "aws-"), "`{name}` links the AWS SDK");
    }
    for impure in ["tokio", "tauri", "zbus", "notify", "keyring"] {
        assert!(!knows("sandglass-core", impure), "core links `{impure}`");
    }
    assert!(!knows("sandglass-cli", "tokio"), "the CLI links a runtime");
    Ok(())
}

#[test]
fn the_core_reads_no_clock_no_file_and_no_socket() -> Result<()> {
    let impure = [
        "SystemTime::now",
        "Instant::now",
        "Timestamp::now",
        "std::fs",
        "std::net",
        "std::env",
    ];
    for path in sources(&root().join("crates/core/src"))? {
        // Tests write the types of the UI into its folder, and the pages of the errors into theirs.
        if path.ends_with("bindings.rs") || path.ends_with("doctor/pages.rs") {
            continue;
        }
        let text = std::fs::read_to_string(&path)?;
        for word in impure {
            assert!(!text.contains(word), "`{}` uses `{word}`", path.display());
        }
    }
    Ok(())
}

#[test]
fn every_file_holds_one_idea() -> Result<()> {
    let mut long = Vec::new();
    for folder in ["crates", "src-tauri", "tests", "ui/src"] {
        for path in sources(&root().join(folder))? {
            let lines = std::fs::read_to_string(&path)?.lines().count();
            if lines > LONGEST_FILE {
                long.push(format!("{} has {lines} lines", path.display()));
            }
        }
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
    Ok(())
}

/// Source files below a folder, without what is generated.
fn sources(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            let generated = path.ends_with("generated") || path.ends_with("node_modules");
            if !generated {
                found.extend(sources(&path)?);
            }
        } else if path
            .extension()
            .is_some_and(|kind| kind == "rs" || kind == "ts" || kind == "svelte")
        {
            found.push(path);
        }
    }
    Ok(found)
}
