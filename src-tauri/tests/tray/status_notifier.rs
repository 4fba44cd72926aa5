//! A panel with a tray: a `StatusNotifierWatcher`, and what a panel does with the icon that registers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use zbus::blocking::{Connection, Proxy};
use zbus::zvariant::{OwnedValue, Value};

use crate::desktop::Desktop;
use crate::wait::until;

const WATCHER: &str = "org.kde.StatusNotifierWatcher";
const ITEM: &str = "org.kde.StatusNotifierItem";
const MENU: &str = "com.canonical.dbusmenu";

/// The panel. It leaves the bus with this value.
pub(crate) struct Panel {
    connection: Connection,
    registered: Arc<Mutex<Option<String>>>,
}

/// A line of the menu: its number and its label, submenus flattened below their own line.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Line {
    pub(crate) id: i32,
    pub(crate) label: String,
    pub(crate) enabled: bool,
}

/// The picture sizes, the tooltip: all that a panel draws.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Drawn {
    pub(crate) sizes: Vec<(i32, i32)>,
    pub(crate) pixels: Vec<u8>,
    pub(crate) tooltip: String,
}

impl Panel {
    /// A panel without an icon yet.
    pub(crate) fn start(desktop: &Desktop) -> Self {
        let registered = Arc::default();
        let watcher = Watcher(Arc::clone(&registered));
        let connection = desktop.serve(WATCHER, "/StatusNotifierWatcher", watcher);
        Self {
            connection,
            registered,
        }
    }

    /// Waits until an icon has registered.
    pub(crate) fn wait_for_icon(&self) {
        self.item();
    }

    fn item(&self) -> String {
        until("an icon", || {
            self.registered
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone()
        })
    }

    fn proxy(&self, path: &'static str, interface: &'static str) -> Proxy<'static> {
        let proxy: Proxy<'static> = zbus::blocking::proxy::Builder::new(&self.connection)
            .destination(self.item())
            .and_then(|builder| builder.path(path))
            .and_then(|builder| builder.interface(interface))
            .expect("plain names")
            .cache_properties(zbus::proxy::CacheProperties::No)
            .build()
            .expect("a proxy");
        proxy
    }

    /// What is drawn now.
    pub(crate) fn drawn(&self) -> Drawn {
        type Pixmaps = Vec<(i32, i32, Vec<u8>)>;
        let item = self.proxy("/StatusNotifierItem", ITEM);
        let pixmaps: Pixmaps = item.get_property("IconPixmap").expect("pictures");
        let tooltip: (String, Pixmaps, String, String) =
            item.get_property("ToolTip").expect("a tooltip");
        Drawn {
            sizes: pixmaps
                .iter()
                .map(|&(width, height, _)| (width, height))
                .collect(),
            pixels: pixmaps
                .into_iter()
                .next()
                .map(|(.., pixels)| pixels)
                .unwrap_or_default(),
            tooltip: tooltip.2,
        }
    }

    /// The left click.
    pub(crate) fn click(&self) {
        self.proxy("/StatusNotifierItem", ITEM)
            .call::<_, _, ()>("Activate", &(0, 0))
            .expect("an icon that listens");
    }

    /// Every line of the menu.
    pub(crate) fn menu(&self) -> Vec<Line> {
        type Layout = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);
        let (_, root): (u32, Layout) = self
            .proxy("/MenuBar", MENU)
            .call("GetLayout", &(0_i32, -1_i32, Vec::<String>::new()))
            .expect("a menu");
        let mut lines = Vec::new();
        let children: Vec<Value<'_>> = root.2.into_iter().map(Value::from).collect();
        for child in &children {
            collect(child, &mut lines);
        }
        lines
    }

    /// Picks the line with this label. No answer is waited for: there is none once "Quit" was picked.
    pub(crate) fn pick(&self, label: &str) {
        let line = until(label, || {
            self.menu().into_iter().find(|line| line.label == label)
        });
        self.proxy("/MenuBar", MENU)
            .call_noreply("Event", &(line.id, "clicked", Value::from(0_i32), 0_u32))
            .expect("a bus");
    }
}

impl Drop for Panel {
    fn drop(&mut self) {
        self.connection.clone().close().ok();
    }
}

fn collect(item: &Value<'_>, lines: &mut Vec<Line>) {
    let item = if let Value::Value(inner) = item {
        inner
    } else {
        item
    };
    let Value::Structure(item) = item else {
        panic!("a menu item is a structure, not {item:?}");
    };
    let [
        Value::I32(id),
        Value::Dict(properties),
        Value::Array(children),
    ] = item.fields()
    else {
        panic!("a menu item has a number, properties and children");
    };
    let text = properties.get::<_, String>(&"label").ok().flatten();
    if let Some(label) = text {
        let enabled = properties.get::<_, bool>(&"enabled").ok().flatten();
        lines.push(Line {
            id: *id,
            label,
            enabled: enabled.unwrap_or(true),
        });
    }
    for child in children.iter() {
        collect(child, lines);
    }
}

struct Watcher(Arc<Mutex<Option<String>>>);

#[zbus::interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    fn register_status_notifier_item(&self, service: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(service);
    }
}
