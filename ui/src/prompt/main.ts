import { promptBackend } from "#backend";
import { mount } from "svelte";
import { behaveLikeAWindow, emptied } from "../shared/window.ts";
import Prompt from "./Prompt.svelte";

behaveLikeAWindow();
mount(Prompt, { target: emptied("app"), props: { backend: promptBackend } });
