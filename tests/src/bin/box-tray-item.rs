//! A program with an icon in the tray, for the test of the box: it says what is done to it.
#![cfg_attr(
    target_os = "linux",
    expect(clippy::print_stdout, reason = "its output is read by the test")
)]

#[cfg(target_os = "linux")]
mod item {
    use ksni::blocking::TrayMethods as _;
    use ksni::menu::{MenuItem, StandardItem, SubMenu};

    struct Item;

    impl ksni::Tray for Item {
        fn id(&self) -> String {
            "box".to_owned()
        }

        fn icon_pixmap(&self) -> Vec<ksni::Icon> {
            let (width, height) = (22, 22);
            vec![ksni::Icon {
                width,
                height,
                data: [255, 200, 30, 30].repeat(22 * 22),
            }]
        }

        fn tool_tip(&self) -> ksni::ToolTip {
            ksni::ToolTip {
                title: "prod ends in 12 min".to_owned(),
                ..ksni::ToolTip::default()
            }
        }

        fn activate(&mut self, _x: i32, _y: i32) {
            println!("activated");
        }

        fn menu(&self) -> Vec<MenuItem<Self>> {
            let grey = StandardItem {
                label: "Grey".into(),
                enabled: false,
                ..choice("Grey")
            };
            vec![
                grey.into(),
                SubMenu {
                    label: "prod · 12 min".into(),
                    submenu: vec![choice("Renew").into(), choice("Copy").into()],
                    ..SubMenu::default()
                }
                .into(),
                MenuItem::Separator,
                choice("Quit").into(),
            ]
        }
    }

    fn choice(label: &'static str) -> StandardItem<Item> {
        StandardItem {
            label: label.into(),
            activate: Box::new(move |_| println!("chosen {label}")),
            ..StandardItem::default()
        }
    }

    pub(super) fn run() -> Result<(), ksni::Error> {
        let _item = Item.spawn()?;
        loop {
            std::thread::park();
        }
    }
}

#[cfg(target_os = "linux")]
fn main() -> Result<(), ksni::Error> {
    item::run()
}

#[cfg(not(target_os = "linux"))]
fn main() {}
