// The label book beside the item: fetched when it is first wanted, once for an edition.

const panel = () => document.getElementById("book-panel");
let edition = "";
let openAt = "";

const fetched = async ({ href }) => {
  const response = await fetch(href, { headers: { "HX-Request": "true" } });
  if (!response.ok || response.redirected) throw new Error(`${response.status}`);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  return page.getElementById("label-book");
};

// Only with its stylesheet does the panel know where a class begins.
const styled = (part) =>
  new Promise((resolve) => {
    const sheet = part.querySelector("link");
    for (const event of ["load", "error"]) sheet.addEventListener(event, resolve, { once: true });
    panel().replaceChildren(part);
  });

const make = (name) => {
  const made = document.createElement("aside");
  made.id = "book-panel";
  made.className = "book-panel";
  made.setAttribute("aria-label", name);
  made.hidden = true;
  made.addEventListener("click", ({ target }) => (made.hidden ||= target.closest("[data-book-close]") !== null));
  document.getElementById("main").append(made);
};

// Opens at the class whose answer has the focus or lies under the pointer; the same
// key closes it there, and turns to another class that has the focus by then.
export const toggleBook = async (link) => {
  const answer = document.querySelector(".answer:focus") ?? document.querySelector(".answer:hover");
  const wanted = answer ? `book-${answer.value}` : "";
  if (panel() && !panel().hidden && openAt === wanted) {
    panel().hidden = true;
    return;
  }
  if (!panel()) make(link.title);
  if (edition !== link.dataset.edition) {
    try {
      await styled(await fetched(link));
      edition = link.dataset.edition;
    } catch {
      location.assign(link.href); // the page of its own says what was wrong
      return;
    }
  }
  openAt = wanted;
  panel().hidden = false;
  const chapter = document.getElementById(wanted);
  panel().scrollTop = 0;
  chapter?.scrollIntoView({ block: "start" });
};
