// Runs within the page, before anything else has come: chooses what is seen first, the login or the splash, in the person's
// language and looks, and asks for what these need. `scripts/preloads.mjs` writes the texts.
(() => {
  // texts: from Web/texts
  const TEXTS = {
    de: {
      "login.title": "Willkommen zurück",
      "login.name": "Benutzername oder E-Mail",
      "login.password": "Passwort",
      "login.action": "Anmelden",
    },
    en: {
      "login.title": "Welcome back",
      "login.name": "User name or e-mail",
      "login.password": "Password",
      "login.action": "Log in",
    },
    ja: {
      "login.title": "おかえりなさい",
      "login.name": "ユーザー名またはメールアドレス",
      "login.password": "パスワード",
      "login.action": "ログイン",
    },
  };
  // end of texts

  const root = document.documentElement;
  // The browser may refuse.
  const read = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  };
  const kept = (key) => {
    try {
      return JSON.parse(read(key)) ?? {};
    } catch {
      return {};
    }
  };

  const { theme = "system", direction = "auto", textSize = 16 } = kept("aviary.appearance");
  root.dataset.theme = theme;
  root.dir = direction === "auto" ? "ltr" : direction;
  root.style.setProperty("--text-size", `${textSize / 16}rem`);

  const wishes = [read("aviary.language") ?? "", ...navigator.languages];
  root.lang = wishes.map((code) => code.split("-")[0]).find((code) => code in TEXTS) ?? "en";
  if (root.lang !== "en") preload(`/client/texts/${root.lang}/main.js`);

  const [login, splash] = document.querySelector("#app").children;
  const leadsToLogin = /^\/(?:$|login$|channels\/|admin(?:$|\/))/.test(location.pathname);
  if (kept("aviary.session").token || !leadsToLogin) {
    login.remove();
    splash.hidden = false;
    return;
  }
  splash.remove();
  for (const element of login.querySelectorAll("[data-text]")) {
    element.textContent = TEXTS[root.lang][element.dataset.text];
  }
  const form = login.querySelector("form");
  // Whoever is quicker than the scripts is heard as soon as these are there.
  form.onsubmit = (event) => {
    event.preventDefault();
    form.dataset.isSubmitted = "true";
    form.querySelector("button").disabled = true;
  };
  login.hidden = false;
  login.querySelector("input").focus();

  function preload(address) {
    const link = document.createElement("link");
    Object.assign(link, { rel: "modulepreload", href: address });
    document.head.append(link);
  }
})();
