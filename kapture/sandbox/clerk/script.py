"""What the instance's pages and sites load in the place of Clerk's own script: the few calls our page makes."""

SCRIPT = """(() => {
  const home = new URL(document.currentScript.src).origin;
  const ask = (path, method = "GET") => fetch(home + path, { method, credentials: "include" });

  class Session {
    constructor(data) {
      Object.assign(this, data);
    }

    async getToken() {
      const answer = await ask(`/v1/client/sessions/${this.id}/tokens`, "POST");
      return answer.ok ? (await answer.json()).jwt : null;
    }
  }

  window.Clerk = {
    loaded: false,
    session: undefined,
    user: undefined,

    async load() {
      const { response } = await (await ask("/v1/client")).json();
      const active = response?.sessions?.find((session) => session.id === response.last_active_session_id);
      this.session = active ? new Session(active) : null;
      this.user = active ? active.user : null;
      this.loaded = true;
    },

    redirectToSignIn({ redirectUrl = location.href } = {}) {
      location.assign(`${home}/sign-in?redirect_url=${encodeURIComponent(redirectUrl)}`);
    },

    async signOut({ redirectUrl } = {}) {
      await ask("/v1/client/sessions", "DELETE");
      this.session = this.user = null;
      if (redirectUrl) location.assign(redirectUrl);
    },
  };
})();
"""
