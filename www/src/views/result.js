// All that shows a result. A part of its own: a visit begins without it, and it is here before the page is sealed.
// @ts-check

/** @import { Actions, Page } from "../main.js" */
import { dialogs } from "./dialogs.js";
import { h } from "./dom.js";
import { first } from "./first.js";
import { pane as makePane } from "./pane.js";
import { search as makeSearch } from "./search.js";
import { splitter } from "./splitter.js";
import { status } from "./status.js";
import { tree as makeTree } from "./tree.js";
import { verdict } from "./verdict.js";

/** @param {HTMLElement} result @param {Page} page @param {Actions} actions */
export function fill(result, page, actions) {
  const { store } = page;
  const answer = verdict(store, actions);
  const tree = makeTree(store, actions);
  const search = makeSearch(store, actions);
  store.watch(({ finding }) => {
    tree.element.hidden = finding !== null;
  });
  const pane = makePane(store, actions);
  const work = h("div", { class: "work" });
  work.append(tree.element, search.element, splitter(work), pane.element);
  result.append(answer, first(store, actions), work, status(store));
  result.after(dialogs(store, actions));
  page.views.tree = { ...tree, focus: () => (store.state.finding ? search : tree).focus() };
  page.views.search = search;
  page.views.first = pane.first;
  page.views.readers = () => {
    /** @type {HTMLElement | null} */
    const title = pane.element.querySelector(".readers-title");
    title?.scrollIntoView();
    title?.focus();
  };
  page.views.pane = pane.focus;
}
