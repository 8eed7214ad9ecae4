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
        Route(
            "/user/set-password", (.get, .anyone(Site.showSetPassword)), (.post, .anyone(Site.setPassword)),
            isSlow: true),
        Route("/user/set-password/done", (.get, .anyone(Site.showPasswordSet))),
        Route(
            "/-/accounts/enter", (.get, .member(Site.enterLabelingServer)),
            (.post, .member(Site.showPasswordThere)), asksLabelingServer: true),
        Route("/logout", (.get, .anyone(Site.showLogOut)), (.post, .anyone(Site.logOut))),

        // Other hosts of ours, with sites behind the gate.
        Route("/-/accounts/ticket", (.get, .anyone(Site.enterSite)), isOfSiteHosts: true),
        Route("/-/accounts/site", (.get, .member(Site.makeTicket))),
        Route("/-/accounts/site/refused", (.get, .anyone(Site.showRefusedTicket))),

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
        Route(
            "/organization/invite/limits", (.get, .owner(Site.showInvitationLimits)),
            (.post, .owner(Site.limitInvitation))),

        Route(
            "/organization/rename", (.get, .owner(Site.showRename)), (.post, .owner(Site.rename))),
        Route("/organization/people/#", (.get, .owner(Site.showPerson))),
        person(.makeOwner), person(.makeMember), person(.endSessions), person(.resetLink),
        person(.deactivate), person(.reactivate), person(.remove), person(.restore),
        Route(
            "/organization/people/#/labeling-server", (.get, .owner(Site.askAboutLabelingAccount)),
            (.post, .owner(Site.confirmLabelingAccount)), asksLabelingServer: true),
        Route(
            "/organization/people/#/labeling-server/separate", (.get, .owner(Site.askAboutSeparation)),
            (.post, .owner(Site.separateFromLabelingAccount))),
        Route("/organization/removed", (.get, .owner(Site.showRemovedPeople))),
        Route(
            "/organization/access", (.get, .owner(Site.showTokenSettings)),
            (.post, .owner(Site.saveTokenSettings))),
        Route(
            "/organization/sessions/end", (.get, .owner(Site.askAboutEverybodysSessions)),
            (.post, .owner(Site.endEverybodysSessions))),
        Route("/organization/audit", (.get, .owner(Site.showAudit))),
        Route("/organization/audit.csv", (.get, .owner(Site.downloadAuditCSV))),
        Route("/organization/audit.json", (.get, .owner(Site.downloadAuditJSON))),

        // One's own account.
        Route("/user/account", (.get, .member(Site.showAccount)), (.post, .member(Site.saveProfile))),
        Route(
            "/user/account/password", (.get, .member(Site.showAccount)),
            (.post, .member(Site.changePassword)),
            isSlow: true),
        Route(
            "/user/account/email", (.get, .member(Site.showAccount)), (.post, .member(Site.changeEmail)),
            isSlow: true),
        Route(
            "/user/account/photo", (.get, .member(Site.showAccount)), (.post, .member(Site.savePhoto)),
            takesFile: true),
        Route("/user/account/photo/remove", (.post, .member(Site.removePhoto))),
        Route("/user/account/sessions", (.get, .member(Site.showSessions))),
        Route("/user/account/sessions/end", (.post, .member(Site.endSession))),
        Route("/user/account/sessions/end-others", (.post, .member(Site.endOtherSessions))),
        Route("/user/account/activity", (.get, .member(Site.showActivity))),
        Route(
            "/user/account/leave", (.get, .member(Site.showLeaving)), (.post, .member(Site.leave)),
            isSlow: true),
        Route(
            "/user/account/delete", (.get, .member(Site.showDeletion)), (.post, .member(Site.deleteAccount)),
            isSlow: true),
        Route(
            "/user/account/token/reset", (.get, .member(Site.showTokenQuestion)),
            (.post, .member(Site.resetToken))),

        Route("/user/account/access-token", (.post, .member(Site.makeAccessToken))),
        Route(
            "/user/account/access-token/revoke", (.get, .member(Site.askAboutAccessToken)),
            (.post, .member(Site.endAccessToken))),
        Route("/user/account/*", (.get, .member(Site.showAccount))),
        Route("/.well-known/change-password", (.get, .anyone(Site.leadToPasswordForm))),

        // The API.
        Route("/api/current-user/whoami", (.get, .caller(Site.whoAmI))),
        Route("/api/current-user/token", (.get, .caller(Site.apiToken))),
        Route("/api/current-user/reset-token", (.post, .caller(Site.resetAPIToken))),
        Route(
            "/api/current-user/hotkeys", (.get, .caller(Site.getHotkeys)), (.patch, .caller(Site.setHotkeys))),
        Route("/api/current-user/product-tour", (.get, .caller(Site.getProductTour))),
        Route(
            "/api/token", (.get, .caller(Site.listAccessTokens)), (.post, .caller(Site.createAccessToken))),
        Route("/api/token/refresh", (.post, .anyCaller(Site.refreshAccessToken))),
        Route("/api/token/rotate", (.post, .caller(Site.rotateAccessToken))),
        Route("/api/token/blacklist", (.post, .anyCaller(Site.revokeAccessToken))),
        Route(
            "/api/jwt/settings", (.get, .caller(Site.getTokenSettings)),
            (.post, .callingOwner(Site.editTokenSettings))),
        Route(
            "/api/users", (.get, .caller(Site.listUsers)), (.post, .callingOwner(Site.createUser))),
        Route(
            "/api/users/#", (.get, .caller(Site.getUser)), (.patch, .caller(Site.editUser)),
            (.delete, .callingOwner(Site.deleteUser, refusal: Site.onlyOwnersDelete))),
        Route(
            "/api/users/#/avatar", (.post, .caller(Site.setAvatar)), (.delete, .caller(Site.removeAvatar)),
            takesFile: true),
        Route(
            "/api/organizations", (.get, .caller(Site.listOrganizations)),
            (.post, .caller(Site.createOrganization))),
        Route(
            "/api/organizations/#", (.get, .caller(Site.getOrganization)),
            (.patch, .callingOwner(Site.patchOrganization)), (.put, .callingOwner(Site.putOrganization))),
        Route("/api/organizations/#/memberships", (.get, .caller(Site.listMemberships))),
        Route(
            "/api/organizations/#/memberships/#", (.get, .caller(Site.getMembership)),
            (.delete, .callingOwner(Site.removeMembership))),
        Route(
            "/api/session-policy", (.get, .caller(Site.getSessionPolicy)),
            (.patch, .callingOwner(Site.editSessionPolicy))),
        Route("/api/invite", (.get, .caller(Site.apiInvitation))),
        Route("/api/invite/reset-token", (.post, .caller(Site.resetAPIInvitation))),
        Route("/api/projects", (.get, .caller(Site.listProjects)), (.post, .caller(Site.postProject))),
        Route(
            "/api/projects/#", (.get, .caller(Site.getProject)), (.patch, .caller(Site.patchProject)),
            (.delete, .caller(Site.removeProject))),
        Route("/api/docs", (.get, .anyone(Site.showAPIDescription))),
        Route("/api/docs/openapi.json", (.get, .anyone(Site.getAPIDescription))),
        Route("/api/version", (.get, .anyone(Site.getVersion))),
        Route("/version", (.get, .anyone(Site.getVersion))),
        Route("/health", (.get, .anyone(Site.health))),
    ]

    /// A question before an act upon a person, and the act.
    private static func person(_ act: PersonAct) -> Route {
        Route(
            "/organization/people/#/\(act.rawValue)", (.get, .owner(Site.ask(act))),
            (.post, .owner(Site.perform(act))),
            // It may take the person out of the labeling server, too.
            asksLabelingServer: act == .remove)
    }
}
