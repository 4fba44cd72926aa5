import { panelBackend } from "#backend";
import { mount } from "svelte";
import { behaveLikeAWindow, emptied } from "../shared/window.ts";
import Panel from "./Panel.svelte";

behaveLikeAWindow();
mount(Panel, { target: emptied("app"), props: { backend: panelBackend } });
