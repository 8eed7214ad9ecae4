internal import HTTP

extension Route {
    /// The map of the site. Every address works with and without a slash at
    /// its end.
    static let table: [Route] = [
        // Getting in and out.
        Route(
            "/user/login", (.get, .anyone(Site.showLogIn)), (.post, .anyone(Site.logIn)), isSlow: true),
        Route(
            "/user/signup", (.get, .anyone(Site.showSignUp)), (.post, .anyone(Site.signUp)), isSlow: true),
        Route("/logout", (.get, .anyone(Site.showLogOut)), (.post, .anyone(Site.logOut))),

        // Projects.
        Route("/", (.get, .anyone(Site.showFrontDoor))),
        Route("/projects", (.get, .member(Site.showProjects))),
        Route("/projects/new", (.get, .member(Site.showNewProject)), (.post, .member(Site.createProject))),
        Route("/projects/#", (.get, .member(Site.showProject))),
        Route("/projects/#/edit", (.get, .member(Site.showProjectForm)), (.post, .member(Site.editProject))),
        Route(
            "/projects/#/delete", (.get, .member(Site.showProjectQuestion)),
            (.post, .member(Site.deleteProject))),

        // People.
        Route("/organization", (.get, .member(Site.showOrganization))),
        Route("/people", (.get, .member(Site.showOrganization))),
        Route("/organization/invite", (.get, .member(Site.showInvitation))),
        Route(
            "/organization/invite/reset", (.get, .member(Site.showInvitationQuestion)),
            (.post, .member(Site.resetInvitation))),

        // One's own account.
        Route("/user/account", (.get, .member(Site.showAccount)), (.post, .member(Site.saveProfile))),
        Route(
            "/user/account/password", (.get, .member(Site.showAccount)),
            (.post, .member(Site.changePassword)),
            isSlow: true),
        Route("/user/account/*", (.get, .member(Site.showAccount))),
        Route(
            "/user/account/token/reset", (.get, .member(Site.showTokenQuestion)),
            (.post, .member(Site.resetToken))),

        // The API.
        Route("/api/current-user/whoami", (.get, .caller(Site.whoAmI))),
        Route("/api/current-user/token", (.get, .caller(Site.apiToken))),
        Route("/api/current-user/reset-token", (.post, .caller(Site.resetAPIToken))),
        Route("/api/invite", (.get, .caller(Site.apiInvitation))),
        Route("/api/invite/reset-token", (.post, .caller(Site.resetAPIInvitation))),
        Route("/health", (.get, .anyone(Site.health))),
    ]
}
