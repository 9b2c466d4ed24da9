import type { Connector } from '../../model/connector.ts'

interface Category {
  readonly title: string
  /** What the connectors on this shelf do. */
  readonly about: string
}

/** The categories of the catalogue. */
const CATEGORIES: Readonly<Record<Connector['category'], Category>> = {
  advertising: { title: 'Advertising', about: 'Run campaigns, and learn what they bring.' },
  ai: { title: 'AI', about: 'Use models for text, pictures and speech.' },
  analytics: { title: 'Analytics', about: 'Measure what visitors and customers do.' },
  automation: {
    title: 'Automation',
    about: 'Connect with business tools: start their workflows, and be started by them.',
  },
  communication: { title: 'Communication', about: 'Talk within a team, by chat, call or meeting.' },
  crm: { title: 'CRM', about: 'Customer relationship management: contacts, companies and deals.' },
  developer_tools: { title: 'Developer tools', about: 'Follow code, builds and releases.' },
  ecommerce: { title: 'E-commerce', about: 'Sell online: products, orders and shipments.' },
  finance: { title: 'Finance', about: 'Keep accounts, invoices and books.' },
  hr: { title: 'HR', about: 'Look after the people of an organization.' },
  logistics: { title: 'Logistics', about: 'Send parcels, and know where they are.' },
  marketing: { title: 'Marketing', about: 'Reach customers by mail, forms and campaigns.' },
  messaging: { title: 'Messaging', about: 'Customer messaging and support, in the messenger that people use.' },
  payments: { title: 'Payments', about: 'Take money, and know when it has arrived.' },
  productivity: { title: 'Productivity', about: 'Work with documents, tables and tasks.' },
  scheduling: { title: 'Scheduling', about: 'Book appointments, and keep calendars in step.' },
  social: { title: 'Social', about: 'Professional networking and social media: pages, posts, leads and advertising.' },
  storage: { title: 'Storage', about: 'Keep and share files.' },
  support: { title: 'Support', about: 'Answer customers, and follow their requests.' },
}

export function categoryOf({ category }: Pick<Connector, 'category'>): Category {
  return CATEGORIES[category]
}

/** Where a category's page stands, seen from the index. */
export function categoryAddress(category: Connector['category']): string {
  return `categories/${category}.md`
}

/** The connectors of each category that has one, by title. */
export function groupByCategory<Item extends Pick<Connector, 'category'>>(
  connectors: readonly Item[],
): readonly (readonly Item[])[] {
  const names = Object.keys(CATEGORIES)
  return names.map((name) => connectors.filter(({ category }) => category === name)).filter((group) => group.length > 0)
}
