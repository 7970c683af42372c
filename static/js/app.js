// The page's one entry module. Each part starts only where its markup is; without any of it, reading and deciding still work.
import { startComposer } from "./composer.js";
import { startDeciding } from "./decide.js";
import { startEditors } from "./editor.js";
import { startKeys } from "./keys.js";
import { connect } from "./live.js";
import { startPanes } from "./panes.js";
import { startUploads } from "./upload.js";

const app = document.querySelector(".app[data-room]:not([data-room=''])");

startPanes();
startKeys(app);
startDeciding();
startUploads();
document.body.addEventListener("htmx:load", (event) => startUploads(event.detail.elt));
document.body.addEventListener("htmx:load", (event) => startEditors(event.detail.elt));
document.querySelectorAll("[data-composer]").forEach((form) => startComposer(form, app));
startEditors(document);
if (app) connect(app);
