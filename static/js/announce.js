// Words for people who do not see the change, and for those who do: a polite status, an alarm, a toast.

const byId = (id) => document.getElementById(id);

export function announce(text) {
  byId("announcer").textContent = text;
}

export function alarm(text) {
  byId("alarm").textContent = text;
}

/** Show `text` for eight seconds; `act`, if given, is offered as a button with its `label`. */
export function toast(text, label = "Close", act = () => {}) {
  const box = document.createElement("p");
  box.className = "toast";
  box.setAttribute("role", "status");
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = label;
  button.addEventListener("click", () => { act(); box.remove(); });
  box.append(text, button);
  byId("toasts").append(box);
  setTimeout(() => box.remove(), 8000);
}
