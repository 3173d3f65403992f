// Placeholder: proves that the built page loads its modules.
document.documentElement.dataset.ready = "true";
