/** How high charts are: their place is kept while they load. */
export const CHART_HEIGHT = 200;
