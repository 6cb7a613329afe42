// Before anything is drawn: the theme that was chosen, or none, which means what the system has.
{
  const chosen = localStorage.getItem('theme');
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
}
