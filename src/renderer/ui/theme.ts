import { createTheme, type CSSVariablesResolver } from '@mantine/core';

/** The numbers of the design: 13 px text, 28 px controls, radius 6; one accent. Index 4 is the dark theme's, 8 the light one's. */
export const theme = createTheme({
  primaryColor: 'accent',
  primaryShade: { light: 8, dark: 4 },
  autoContrast: true,
  defaultRadius: 6,
  respectReducedMotion: true,
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "Cascadia Mono", Menlo, "DejaVu Sans Mono", monospace',
  fontSizes: { xs: '11.5px', sm: '13px', md: '13px', lg: '15px', xl: '20px' },
  colors: {
    accent: ['#e2f3f1', '#c5ebe6', '#99e0d8', '#5fdccb', '#2dd4bf', '#22b8a6', '#179a8b', '#128577', '#0f766e', '#0b5d57'],
  },
});

/** Mantine's own variables follow the tokens of styles.css. */
export const cssVariables: CSSVariablesResolver = () => {
  const shared = {
    '--mantine-color-body': 'var(--background)',
    '--mantine-color-text': 'var(--text)',
    '--mantine-color-dimmed': 'var(--dim)',
    '--mantine-color-default': 'var(--panel)',
    '--mantine-color-default-border': 'var(--line)',
    '--mantine-color-placeholder': 'var(--dim)',
    '--mantine-color-error': 'var(--act)',
  };
  return { variables: {}, light: shared, dark: shared };
};
