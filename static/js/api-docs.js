// The API reference: Swagger UI from its wheel, signed in by the page's own session.
const root = document.getElementById("api-docs");

function showTheme() {
  const chosen = document.documentElement.dataset.theme;
  const dark = chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.classList.toggle("dark-mode", dark);
}

showTheme();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", showTheme);
new MutationObserver(showTheme).observe(document.documentElement, { attributeFilter: ["data-theme"] });

// Swagger UI's own layout brings a second main part and title; this one has the sign-in, the routes and the shapes alone.
const plain = ({ React }) => ({
  components: {
    Plain({ getComponent }) {
      const parts = [["AuthorizeBtnContainer", true], ["operations", true], ["Models", true]];
      return React.createElement(
        "div",
        { className: "swagger-ui" },
        parts.map(([name, wired]) => React.createElement(getComponent(name, wired), { key: name })),
      );
    },
  },
});

window.SwaggerUIBundle({
  url: root.dataset.schema,
  domNode: root,
  presets: [window.SwaggerUIBundle.presets.apis],
  plugins: [plain],
  layout: "Plain",
  // Its links to single routes would stand inside buttons.
  deepLinking: false,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  // Nothing is sent to the validator service that Swagger UI would ask otherwise.
  validatorUrl: null,
  requestInterceptor: (request) => {
    if (request.method && request.method !== "GET") request.headers["X-CSRFToken"] = root.dataset.token;
    return request;
  },
});
