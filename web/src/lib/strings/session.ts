// SPDX-License-Identifier: Apache-2.0
import { duration, number } from "@/lib/format";
import { withPart } from "./index";

export const session = {
  login: {
    title: "Sign in",
    about: "Your team's leads, scored and explained.",
    email: "Email",
    password: "Password",
    code: "Code from your authenticator app",
    codeHint: "Six digits, or one of your recovery codes.",
    submit: "Sign in",
    verify: "Check the code",
    oidc: (name: string) => `Sign in with ${name}`,
    or: "or",
    wait: (seconds: number) => `Too many tries. Wait ${duration(seconds)} and try again.`,
    otherAccount: "Use another account",
    showPassword: "Show the password",
    noServer: "The server does not answer.",
  },
  setup: {
    title: "Set up Lead HeatScore",
    about: "Make the first admin account. The link you followed works once.",
    noToken: "This page needs the set-up link",
    noTokenText:
      "The server prints it when it starts for the first time, and keeps it in the file setup-link in its data folder. It is good for 60 minutes; starting the server anew makes another.",
    done: "This server has been set up",
    doneText: "Sign in with your account. Ask an admin of your team if you have none.",
    name: "Your name",
    email: "Email",
    password: "Password",
    passwordHint: (min: number) => `At least ${number(min)} characters. A sentence is easy to remember and hard to guess.`,
    strength: "Length so far",
    submit: "Make the account",
    welcome: (name: string) => `Welcome, ${name}`,
    start: "How do you want to start?",
    demoTitle: "Try with demo leads",
    demoText: "6,000 invented leads, a trained model and scores to look around in. Takes about half a minute; can be undone.",
    demoRun: "Load demo leads",
    demoRunning: "Making demo leads and training a model on them…",
    demoFailed: "The demo leads could not be loaded",
    csvTitle: "Upload your CSV",
    csvText: "An export of your CRM with leads that were won and lost, as it is. You see and confirm what becomes of every column.",
    csvRun: "Choose a file",
    later: "Look around first",
  },
  invite: {
    title: "Choose your password",
    about: "With it you sign in to Lead HeatScore from now on.",
    noToken: "This page needs the link that you were sent",
    used: "This link has been used or is too old",
    usedText: "Ask an admin of your team for a new one.",
    submit: "Save and sign in",
  },
};

export const t = withPart(session);
