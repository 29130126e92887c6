// A classic script on purpose: it runs before the first paint. Modules are deferred.
(() => {
  try {
    const chosen = localStorage.getItem('fovea.theme');
    if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
  } catch {
    // Storage is refused: the system's theme is right.
  }
})();
